using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Tests.Hypervisor;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Drivers.VmBus.Protocol.Messages;
using GuestOS.Sandbox.Partition;

namespace GuestOS.Drivers.VmBus.Tests.Connections;

/// <summary>
/// The other end of a connection, word by word: answers as a well-behaved host does, save for what a test holds back or says itself.
/// Everything that the guest posted stays in <see cref="Received"/>.
/// </summary>
internal sealed class ScriptedHost
{
    private readonly TestPartition _machine;
    private readonly Queue<byte[]> _backlog = new();
    private readonly ITimer _timer;

    public ScriptedHost(TestPartition machine, VmBusVersion? highest = null)
    {
        _machine = machine;
        Highest = highest ?? VmBusVersion.V6_0;
        _timer = machine.Clock.CreateTimer(_ => Flush(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Ports[1] = OnMessage;
        if (Highest >= VmBusVersion.V5_0)
            Ports[4] = OnMessage;
    }

    /// <summary>The newest version that is spoken; all older ones are too.</summary>
    public VmBusVersion Highest { get; set; }

    public FeatureFlags Granted { get; set; } = (FeatureFlags)0xFFFF;

    /// <summary>Messages of these types are not answered.</summary>
    public HashSet<MessageType> Silent { get; } = [];

    /// <summary>Called instead of the answer to such a message.</summary>
    public Dictionary<MessageType, Action<byte[]>> Instead { get; } = [];

    /// <summary>What is offered at REQUESTOFFERS.</summary>
    public List<OfferChannel> Offers { get; } = [];

    /// <summary>What the guest posted: connection and bytes.</summary>
    public List<(uint Connection, byte[] Message)> Received { get; } = [];

    public Dictionary<uint, HostChannel> Channels { get; } = [];

    /// <summary>GPADLs that the host has, by handle.</summary>
    public Dictionary<uint, HostGpadl> Gpadls { get; } = [];

    /// <summary>Event flags or pages that interrupt the guest, by the version that was agreed.</summary>
    public VmBusVersion Version { get; private set; }

    public ulong InterruptPage { get; private set; }

    public ulong ChildToParentMonitor { get; private set; }

    /// <summary>Where messages go after contact, from 5.0 on.</summary>
    public uint MessageConnection { get; set; } = 0x1F;

    public IEnumerable<MessageType> Types => Received.Select(message => MemoryMarshal.Read<MessageType>(message.Message));

    private ConcurrentDictionary<uint, HypercallModel.MessagePort> Ports => _machine.Model.Hypercalls.MessagePorts;

    /// <summary>An offer with plausible fields.</summary>
    public static OfferChannel Offer(uint relId, Guid? type = null, uint instance = 1, ushort subchannel = 0) => new()
    {
        Header = new MessageHeader { Type = MessageType.OfferChannel },
        InterfaceType = type ?? ClassIds.DynamicMemory,
        Instance = new Guid((int)instance, 0, 0, [1, 2, 3, 4, 5, 6, 7, 8]),
        SubchannelIndex = subchannel,
        RelId = new RelId(relId),
        MonitorId = MonitorId.None,
        DedicatedInterrupt = 1,
        Connection = new ConnectionId(0x2000 + relId),
    };

    public void Send<T>(in T message)
        where T : unmanaged => Send(Hex.Of(message));

    public void Send(MessageType type) => Send(new MessageHeader { Type = type });

    public void Rescind(uint relId)
    {
        foreach (var gpadl in Gpadls.Values.Where(gpadl => gpadl.RelId == relId).ToArray())
            Drop(gpadl);
        if (Channels.Remove(relId, out var channel))
            _machine.Model.Hypercalls.EventPorts.TryRemove(channel.Offer.Connection.Value, out _);
        Send(new RelIdMessage { Header = new MessageHeader { Type = MessageType.RescindChannelOffer }, RelId = new RelId(relId) });
    }

    /// <summary>Puts a message into the guest's slot, or behind those that wait for it.</summary>
    public void Send(byte[] message)
    {
        _backlog.Enqueue(message);
        Flush();
    }

    public void SendOffer(in OfferChannel offer)
    {
        Channels[offer.RelId.Value] = new HostChannel(_machine, this, offer);
        Send(offer);
    }

    /// <summary>The answer that a well-behaved host gives.</summary>
    public void Answer(byte[] message)
    {
        switch (MemoryMarshal.Read<MessageType>(message))
        {
            case MessageType.InitiateContact:
                OnContact(message);
                break;
            case MessageType.RequestOffers:
                foreach (var offer in Offers)
                    SendOffer(offer);
                Send(MessageType.AllOffersDelivered);
                break;
            case MessageType.GpadlHeader:
            case MessageType.GpadlBody:
                OnGpadl(message);
                break;
            case MessageType.GpadlTeardown:
                var teardown = MemoryMarshal.Read<GpadlTeardown>(message);
                if (Gpadls.TryGetValue(teardown.Gpadl.Value, out var torn))
                    Drop(torn);
                Send(new GpadlTorndown { Header = new MessageHeader { Type = MessageType.GpadlTorndown }, Gpadl = teardown.Gpadl });
                break;
            case MessageType.OpenChannel:
                var open = MemoryMarshal.Read<OpenChannel>(message);
                var status = Channels.TryGetValue(open.RelId.Value, out var channel) ? channel.Open(open) : 1;
                Send(new OpenChannelResult
                {
                    Header = new MessageHeader { Type = MessageType.OpenChannelResult }, RelId = open.RelId, OpenId = open.OpenId, Status = status,
                });
                break;
            case MessageType.CloseChannel:
                if (Channels.TryGetValue(MemoryMarshal.Read<RelIdMessage>(message).RelId.Value, out var closed))
                    closed.Close();
                break;
            case MessageType.ModifyChannel:
                var modify = MemoryMarshal.Read<ModifyChannel>(message);
                Channels[modify.RelId.Value].TargetVp = modify.TargetVp.Value;
                if (Version >= VmBusVersion.V5_3)
                    Send(new ModifyChannelResponse { Header = new MessageHeader { Type = MessageType.ModifyChannelResponse }, RelId = modify.RelId });
                break;
            case MessageType.Unload:
                Reset();
                Send(MessageType.UnloadResponse);
                break;
        }
    }

    /// <summary>The host forgets all that it had.</summary>
    public void Reset()
    {
        foreach (var gpadl in Gpadls.Values.ToArray())
            Drop(gpadl);
        foreach (var channel in Channels.Values)
            channel.Close();
        Channels.Clear();
    }

    private CallStatus OnMessage(uint connection, ReadOnlySpan<byte> payload)
    {
        var message = payload.ToArray();
        Received.Add((connection, message));
        var type = MemoryMarshal.Read<MessageType>(message);
        if (Instead.TryGetValue(type, out var action))
            action(message);
        else if (!Silent.Contains(type))
            Answer(message);
        return CallStatus.Success;
    }

    private CallStatus OnMessage(ReadOnlySpan<byte> payload)
    {
        // The port does not know its id: contact goes to 4 from 5.0 on, all else to where the contact's answer said.
        var isContact = MemoryMarshal.Read<MessageType>(payload) == MessageType.InitiateContact;
        var isNew = isContact ? MemoryMarshal.Read<InitiateContact>(payload).Version >= VmBusVersion.V5_0 : Version >= VmBusVersion.V5_0;
        return OnMessage(isContact ? (isNew ? 4u : 1u) : isNew ? MessageConnection : 1u, payload);
    }

    private void OnContact(byte[] message)
    {
        var contact = MemoryMarshal.Read<InitiateContact>(message);
        if (contact.Version > Highest)
        {
            Send(new VersionResponse { Header = new MessageHeader { Type = MessageType.VersionResponse } });
            return;
        }

        Reset();
        Version = contact.Version;
        InterruptPage = Version < VmBusVersion.V5_0 ? contact.Target : 0;
        ChildToParentMonitor = contact.ChildToParentMonitor;
        var response = new VersionResponse
        {
            Header = new MessageHeader { Type = MessageType.VersionResponse },
            Supported = 1,
            MessageConnection = new ConnectionId(Version >= VmBusVersion.V5_0 ? MessageConnection : 0),
        };
        Ports[MessageConnection] = OnMessage;
        if (Version < VmBusVersion.V6_0)
            Send(response);
        else
            Send(new VersionResponseWithFeatures { Response = response, Features = Granted });
    }

    private void OnGpadl(byte[] message)
    {
        HostGpadl gpadl;
        if (MemoryMarshal.Read<MessageType>(message) == MessageType.GpadlHeader)
        {
            var header = MemoryMarshal.Read<GpadlHeader>(message);
            gpadl = new HostGpadl(header);
            Gpadls.Add(header.Gpadl.Value, gpadl);
            gpadl.Add(message.AsSpan(Unsafe.SizeOf<GpadlHeader>()));
        }
        else
        {
            gpadl = Gpadls[MemoryMarshal.Read<GpadlBody>(message).Gpadl.Value];
            gpadl.Add(message.AsSpan(Unsafe.SizeOf<GpadlBody>()));
        }

        if (!gpadl.IsComplete)
            return;
        var isSound = gpadl.TryShare(_machine.Memory);
        if (!isSound)
            Gpadls.Remove(gpadl.Id);
        Send(new GpadlCreated
        {
            Header = new MessageHeader { Type = MessageType.GpadlCreated }, RelId = new RelId(gpadl.RelId), Gpadl = new GpadlId(gpadl.Id), Status = isSound ? 0 : 1u,
        });
    }

    private void Drop(HostGpadl gpadl)
    {
        Gpadls.Remove(gpadl.Id);
        gpadl.Pages?.Dispose();
    }

    private void Flush()
    {
        while (_backlog.TryPeek(out var message))
        {
            if (!_machine.Model.Processors[0].SynIc.TryPost(Sint.VmBus.Value, 1, 0, message))
            {
                _timer.Change(TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
                return;
            }

            _backlog.Dequeue();
        }
    }
}
