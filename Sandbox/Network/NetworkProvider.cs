using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Sandbox.VmBus;

namespace GuestOS.Sandbox.Network;

/// <summary>
/// The host's side of a synthetic network adapter on a switch: NVSP 1 to 6.1, RNDIS, offloads, receive side scaling. As strict as
/// OpenVMM: a guest that does things out of order or names memory that is not its own has its channel stopped (protocol 10.10).
/// LOCKING: <c>_gate</c> guards everything; the switch is called outside of it.
/// </summary>
public sealed partial class NetworkProvider : IChannelProvider, ISwitchPort
{
    private const uint NoSection = 0xFFFF_FFFF;
    private readonly Lock _gate = new();
    private readonly NetworkSwitch _switch;
    private readonly List<HostQueue> _queues = [];
    private ulong _nextTransaction = 0x1000;

    /// <param name="networkSwitch">Where its cable goes.</param>
    /// <param name="options">What it is like.</param>
    public NetworkProvider(NetworkSwitch networkSwitch, NetworkOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(networkSwitch);
        _switch = networkSwitch;
        Options = options ?? new NetworkOptions();
        _isLinkUp = Options.IsLinkUp;
        _linkSpeed = Options.LinkSpeed;
        Offer = new ChannelOffer { ClassId = ClassIds.Network, InstanceId = new Guid(0x5A1D_0000, 0, 0, BitConverter.GetBytes(Options.Address)) };
        networkSwitch.Connect(this);
    }

    /// <summary>What it is like.</summary>
    public NetworkOptions Options { get; }

    /// <inheritdoc/>
    public ChannelOffer Offer { get; init; }

    /// <summary>How far the guest has come.</summary>
    public NetworkStage Stage { get; private set; }

    /// <summary>Version that was agreed on; 0 before.</summary>
    public uint Version { get; private set; }

    /// <summary>Versions that the guest asked for, in order.</summary>
    public List<uint> VersionRequests { get; } = [];

    /// <summary>MTU (with header) and capabilities of NDIS_CONFIG.</summary>
    public (uint Mtu, ulong Capabilities) Config { get; private set; }

    /// <summary>Version of NDIS that the guest named.</summary>
    public (uint Major, uint Minor) Ndis { get; private set; }

    /// <summary>Bytes of a sub-allocation of the receive buffer.</summary>
    public int SubAllocationSize { get; private set; }

    /// <summary>Sub-allocations that the guest has not given back.</summary>
    public int Outstanding
    {
        get
        {
            lock (_gate)
                return _subAllocations - _free.Count;
        }
    }

    /// <summary>Frames to the guest that were dropped: no room, or the guest does not want them now.</summary>
    public long Dropped { get; private set; }

    /// <summary>Frames that went to the guest.</summary>
    public long Delivered { get; private set; }

    /// <summary>Frames that came from the guest.</summary>
    public long Taken { get; private set; }

    /// <summary>The guest's frames before offloads; kept while <see cref="Records"/>.</summary>
    public List<GuestFrame> GuestFrames { get; } = [];

    /// <summary>Whether <see cref="GuestFrames"/> is filled.</summary>
    public bool Records { get; set; } = true;

    /// <summary>Status that the guest gave with its completions of received packets, by packet.</summary>
    public List<uint> CompletionStatuses { get; } = [];

    /// <summary>
    /// The last word on what is sent inside of NVSP and RNDIS: gets a name ("nvsp 102", "rndis 80000002") and the message, gives the
    /// message to send, or null for none. For tests of a guest that must survive it.
    /// </summary>
    public Func<string, byte[], byte[]?>? Mangle { get; set; }

    /// <summary>Channels that are open.</summary>
    public int OpenChannels
    {
        get
        {
            lock (_gate)
                return _queues.Count;
        }
    }

    private HostQueue? Primary => _queues.Find(static queue => queue.Index == 0);

    /// <inheritdoc/>
    public uint Open(ChannelSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        lock (_gate)
        {
            var index = session.Channel.Offer.SubchannelIndex;
            if (index != 0 && (Stage != NetworkStage.Running || index > _granted))
                return 0xC000_0001;
            _queues.Add(new HostQueue(session, index));
            if (index == 0)
                Reset(NetworkStage.Version);
        }

        return 0;
    }

    /// <inheritdoc/>
    public void Close(ChannelSession session, CloseReason reason)
    {
        ArgumentNullException.ThrowIfNull(session);
        lock (_gate)
        {
            _queues.RemoveAll(queue => queue.Session == session);
            if (session.Channel.Offer.SubchannelIndex == 0)
                Reset(NetworkStage.Closed);
        }
    }

    /// <inheritdoc/>
    public void Receive(ChannelSession session, ChannelPacket packet)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(packet);
        List<SwitchFrame> frames = [];
        lock (_gate)
        {
            if (_queues.Find(queue => queue.Session == session) is { } queue)
                Take(queue, packet, frames);
        }

        foreach (var frame in frames)
            _switch.Send(this, frame);
    }

    private void Take(HostQueue queue, ChannelPacket packet, List<SwitchFrame> frames)
    {
        var message = packet.Payload.AsSpan();
        if (packet.Type == PacketType.Completion)
        {
            TakeCompletion(queue, packet.TransactionId, message);
            return;
        }

        // The host of version 6.1 wants all 40 bytes, older ones 28.
        var least = Version >= 0x6_0001 ? 40 : 28;
        if (packet.Type is not (PacketType.InBand or PacketType.GpaDirect) || message.Length < least)
        {
            queue.Session.Fail($"a {packet.Type} packet of {message.Length} bytes");
            return;
        }

        var type = Wire.Word(message, 0);
        if (type == 107)
        {
            TakeRndis(queue, packet, frames);
            return;
        }

        if (packet.Type != PacketType.InBand || queue.Index != 0)
        {
            queue.Session.Fail($"NVSP message {type} as {packet.Type} on channel {queue.Index}");
            return;
        }

        TakeSetUp(queue.Session, packet, type, message);
    }

    /// <summary>Under the lock.</summary>
    private void Reset(NetworkStage stage)
    {
        Stage = stage;
        Version = 0;
        Config = default;
        Ndis = default;
        Filter = 0;
        Multicast.Clear();
        Rss = null;
        _receiveBuffer = _sendBuffer = null;
        _free.Clear();
        _subAllocations = 0;
        _inFlight.Clear();
        _controlInFlight = 0;
        _granted = 0;
        foreach (var queue in _queues)
            queue.Waiting.Clear();
    }

    private ulong NextTransaction() => _nextTransaction++;

    private void Complete(ChannelSession session, ChannelPacket packet, byte[] answer)
    {
        if (packet.WantsCompletion && Mangled("nvsp", Wire.Word(answer, 0), answer) is { } bytes)
            session.Complete(packet.TransactionId, bytes);
    }

    private byte[]? Mangled(string kind, uint type, byte[] bytes) => Mangle is null ? bytes : Mangle($"{kind} {type:x}", bytes);
}
