using System.Runtime.InteropServices;
using GuestOS.Drivers.Synthetic.Storage.Protocol;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Messages;
using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Sandbox.Storage.Scsi;
using GuestOS.Sandbox.VmBus;

namespace GuestOS.Sandbox.Storage;

/// <summary>
/// The host side of synthetic storage: a SCSI controller, or the accelerator of one IDE disk. It takes what a real host takes, in the order in
/// which that takes it; a guest that breaks the protocol beyond repair finds the channel stopped.
/// LOCKING: one lock for the state and the logical units; channels may call side by side under a real clock.
/// </summary>
public sealed partial class StorageProvider : IChannelProvider
{
    private readonly Lock _gate = new();
    private readonly StorageProviderOptions _options;
    private readonly int? _ideDevice;
    private ChannelSession? _primary;
    private SetUpStep _step;
    private StorageVersion _version;

    private StorageProvider(ChannelOffer offer, ScsiBus bus, int? ideDevice, StorageProviderOptions? options)
    {
        Offer = offer;
        Bus = bus;
        _ideDevice = ideDevice;
        _options = options ?? new StorageProviderOptions();
    }

    /// <summary>Where the set-up stands.</summary>
    private enum SetUpStep
    {
        Closed,
        Opened,
        Begun,
        VersionAgreed,
        PropertiesTold,
        Ready,
    }

    /// <inheritdoc/>
    public ChannelOffer Offer { get; }

    /// <summary>The logical units. Change them by this class's methods once a guest is connected.</summary>
    public ScsiBus Bus { get; }

    /// <summary>What it does wrong.</summary>
    public StorageFaults Faults { get; } = new();

    /// <summary>What was agreed; default before.</summary>
    public StorageVersion Version
    {
        get
        {
            lock (_gate)
                return _version;
        }
    }

    /// <summary>The guest may send commands.</summary>
    public bool IsReady
    {
        get
        {
            lock (_gate)
                return _step == SetUpStep.Ready;
        }
    }

    /// <summary>Commands that came in, by the subchannel's index.</summary>
    public IReadOnlyDictionary<int, long> CommandsByChannel => _commandsByChannel;

    /// <summary>Resets, by kind, in their order.</summary>
    public List<StorageOperation> Resets { get; } = [];

    /// <summary>A SCSI controller.</summary>
    public static StorageProvider Scsi(Guid instance, ScsiBus bus, StorageProviderOptions? options = null) =>
        new(new ChannelOffer { ClassId = ClassIds.Scsi, InstanceId = instance, Flags = OfferFlags.EnumerateDeviceInterface }, bus, null, options);

    /// <summary>The accelerator of the IDE disk of that channel and device.</summary>
    public static StorageProvider Ide(int channel, int device, ScsiUnit unit, StorageProviderOptions? options = null)
    {
        var bus = new ScsiBus();
        bus.Add(new ScsiAddress(0, (byte)device, 0), unit);
        var data = new IdeOffer { Target = (byte)device, Flags = IdeOffer.IsIde };
        var offer = new ChannelOffer
        {
            ClassId = ClassIds.Ide,
            InstanceId = IdeOffer.InstanceOf(channel, device),
            Flags = OfferFlags.EnumerateDeviceInterface,
            UserDefined = MemoryMarshal.AsBytes(new ReadOnlySpan<IdeOffer>(in data)).ToArray(),
        };
        return new StorageProvider(offer, bus, device, options);
    }

    /// <inheritdoc/>
    public uint Open(ChannelSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        lock (_gate)
        {
            if (session.Channel.Primary is not null)
                return _step == SetUpStep.Ready ? 0u : 1u;
            _primary = session;
            _step = SetUpStep.Opened;
            _version = default;
            return 0;
        }
    }

    /// <inheritdoc/>
    public void Close(ChannelSession session, CloseReason reason)
    {
        ArgumentNullException.ThrowIfNull(session);
        lock (_gate)
        {
            if (session.Channel.Primary is not null)
                return;
            _primary = null;
            _step = SetUpStep.Closed;
        }
    }

    /// <inheritdoc/>
    public void Receive(ChannelSession session, ChannelPacket packet)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(packet);
        lock (_gate)
        {
            if (packet.Type is not (PacketType.InBand or PacketType.GpaDirect))
                session.Fail($"a packet of type {packet.Type}");
            else if (!packet.WantsCompletion)
                session.Fail("a request without a transaction id");
            else if (packet.Payload.Length < StorageHeader.Size)
                session.Fail($"a storage packet of {packet.Payload.Length} bytes");
            else
                Handle(session, packet, MemoryMarshal.Read<StorageHeader>(packet.Payload).Operation);
        }
    }

    /// <summary>Adds a logical unit, and tells the guest to look.</summary>
    public void Add(ScsiAddress address, ScsiUnit unit)
    {
        lock (_gate)
            Bus.Add(address, unit);
        SendEvent(StorageOperation.EnumerateBus);
    }

    /// <summary>Removes a logical unit, and tells the guest to look.</summary>
    public void Remove(ScsiAddress address)
    {
        lock (_gate)
            Bus.Remove(address);
        SendEvent(StorageOperation.EnumerateBus);
    }

    /// <summary>An unsolicited message; a real host sends <see cref="StorageOperation.EnumerateBus"/> and <see cref="StorageOperation.RemoveDevice"/>.</summary>
    public void SendEvent(StorageOperation operation)
    {
        lock (_gate)
        {
            if (_primary is null || _step != SetUpStep.Ready || _version < StorageVersion.V4_2)
                return;
            var packet = new byte[_version.PacketSize];
            MemoryMarshal.Write(packet, new StorageHeader { Operation = operation });
            _primary.SendInBand(packet);
        }
    }

    private void Handle(ChannelSession session, ChannelPacket packet, StorageOperation operation)
    {
        switch (operation)
        {
            case StorageOperation.BeginInitialization or StorageOperation.QueryProtocolVersion or StorageOperation.QueryProperties
                or StorageOperation.EndInitialization or StorageOperation.CreateSubchannels:
                if (!Faults.TakeSilentSetUp())
                    SetUp(session, packet, operation);
                break;
            case StorageOperation.ExecuteSrb or StorageOperation.ResetAdapter or StorageOperation.ResetBus or StorageOperation.ResetLun
                when _step != SetUpStep.Ready:
                Answer(session, packet, operation, NtStatus.InvalidDeviceState);
                break;
            case StorageOperation.ExecuteSrb:
                Execute(session, packet);
                break;
            case StorageOperation.ResetAdapter or StorageOperation.ResetBus or StorageOperation.ResetLun:
                Resets.Add(operation);
                if (!Faults.TakeSilentReset())
                    Answer(session, packet, operation, NtStatus.Success);
                break;
            default:
                session.Fail($"operation {(uint)operation}");
                break;
        }
    }

    private void SetUp(ChannelSession session, ChannelPacket packet, StorageOperation operation)
    {
        var answer = new byte[packet.Payload.Length];
        var status = NtStatus.InvalidDeviceState;
        if (session.Channel.Primary is null)
        {
            switch (operation)
            {
                case StorageOperation.BeginInitialization when _step == SetUpStep.Opened:
                    (_step, status) = (SetUpStep.Begun, NtStatus.Success);
                    break;
                case StorageOperation.QueryProtocolVersion when _step == SetUpStep.Begun && packet.Payload.Length >= Marshal.SizeOf<VersionPacket>():
                    status = AgreeVersion(packet, answer);
                    break;
                case StorageOperation.QueryProperties when _step == SetUpStep.VersionAgreed && answer.Length >= Marshal.SizeOf<PropertiesPacket>():
                    TellProperties(answer);
                    (_step, status) = (SetUpStep.PropertiesTold, NtStatus.Success);
                    break;
                case StorageOperation.EndInitialization when _step == SetUpStep.PropertiesTold:
                    (_step, status) = (SetUpStep.Ready, NtStatus.Success);
                    break;
                case StorageOperation.CreateSubchannels when _step is SetUpStep.PropertiesTold or SetUpStep.Ready && packet.Payload.Length >= Marshal.SizeOf<SubchannelPacket>():
                    status = CreateSubchannels(session, MemoryMarshal.Read<SubchannelPacket>(packet.Payload).Count);
                    break;
            }
        }

        Send(session, packet.TransactionId, operation, answer, status);
    }

    private NtStatus AgreeVersion(ChannelPacket packet, byte[] answer)
    {
        var asked = MemoryMarshal.Read<VersionPacket>(packet.Payload).Version;

        // The asked word comes back either way.
        MemoryMarshal.Write(answer, new VersionPacket { Version = asked });
        if (!_options.Versions.Contains(asked))
            return NtStatus.RevisionMismatch;
        _version = asked;
        _step = SetUpStep.VersionAgreed;
        return NtStatus.Success;
    }

    private void TellProperties(byte[] answer)
    {
        var channels = _version >= StorageVersion.V5_1 ? _options.MaxSubchannels : (ushort)0;
        MemoryMarshal.Write(answer, new PropertiesPacket
        {
            MaxChannels = channels,
            Flags = channels != 0 ? PropertyFlags.MultiChannel : PropertyFlags.None,
            MaxTransferBytes = _options.MaxTransferBytes,
        });
    }

    private NtStatus CreateSubchannels(ChannelSession session, int count)
    {
        if (count > _options.MaxSubchannels || _version < StorageVersion.V5_1)
            return NtStatus.InvalidParameter;
        session.OfferSubchannels(count);
        return NtStatus.Success;
    }
}
