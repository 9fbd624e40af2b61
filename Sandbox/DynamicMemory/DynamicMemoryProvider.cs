using System.Buffers.Binary;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Machine.Memory;
using GuestOS.Sandbox.Memory;
using GuestOS.Sandbox.VmBus;

namespace GuestOS.Sandbox.DynamicMemory;

/// <summary>
/// The host's dynamic memory: agrees on version and capabilities, then asks for pages, gives them back and adds memory, one request at a
/// time. Like QEMU it reports and ignores what comes in a wrong size or state.
/// </summary>
public sealed partial class DynamicMemoryProvider : IChannelProvider
{
    private readonly Queue<Action> _requests = new();
    private ChannelSession? _session;
    private uint _nextId = 1;
    private bool _isQuiet;

    /// <param name="options">What it is like.</param>
    public DynamicMemoryProvider(DynamicMemoryOptions? options = null) => Options = options ?? new DynamicMemoryOptions();

    /// <summary>What it is like.</summary>
    public DynamicMemoryOptions Options { get; }

    /// <inheritdoc/>
    public ChannelOffer Offer { get; init; } = new() { ClassId = ClassIds.DynamicMemory, InstanceId = new("1eccfd72-4b41-45ef-b73a-4a6e44c12924") };

    /// <summary>State.</summary>
    public DynamicMemoryState State { get; private set; }

    /// <summary>The version word that was agreed on; 0 before.</summary>
    public uint Version { get; private set; }

    /// <summary>Version words that the guest asked for, with the last-attempt bit.</summary>
    public List<(uint Version, bool IsLast)> VersionRequests { get; } = [];

    /// <summary>The guest's capabilities, minimum pages and highest page number.</summary>
    public (ulong Capabilities, ulong MinimumPages, ulong HighestPage) Capabilities { get; private set; }

    /// <summary>Pages that the guest has given.</summary>
    public PageRangeSet Ballooned { get; } = new();

    /// <summary>BALLOON_RESPONSEs: their ranges and whether more follows.</summary>
    public List<(IReadOnlyList<PageRange> Ranges, bool More)> BalloonResponses { get; } = [];

    /// <summary>Pages that the last balloon request asked for but the guest did not give.</summary>
    public uint Missing { get; private set; }

    /// <summary>Answers to hot adds.</summary>
    public List<HotAddOutcome> HotAdds { get; } = [];

    /// <summary>Status reports.</summary>
    public List<StatusReport> Statuses { get; } = [];

    /// <summary>Transaction ids of all messages of the guest.</summary>
    public List<uint> GuestIds { get; } = [];

    /// <summary>Requests that were answered in full.</summary>
    public int Finished { get; private set; }

    /// <summary>Requests that wait or are under way.</summary>
    public int Outstanding => _requests.Count + (State > DynamicMemoryState.Idle ? 1 : 0);

    /// <inheritdoc/>
    public uint Open(ChannelSession session)
    {
        _session = session;
        State = DynamicMemoryState.Version;
        return 0;
    }

    /// <inheritdoc/>
    public void Close(ChannelSession session, CloseReason reason)
    {
        _session = null;
        _requests.Clear();
        _isQuiet = false;
        State = DynamicMemoryState.Closed;
        Version = 0;
        // A guest that went away has all of its memory again.
        if (reason is not (CloseReason.Saved or CloseReason.Disposed))
            Ballooned.Clear();
    }

    /// <inheritdoc/>
    public void Receive(ChannelSession session, ChannelPacket packet)
    {
        var message = packet.Payload.AsSpan();
        if (packet.Type != Drivers.VmBus.Protocol.Rings.PacketType.InBand || packet.WantsCompletion || message.Length < 8)
        {
            session.Report($"a {packet.Type} packet of {message.Length} bytes");
            return;
        }

        var type = BinaryPrimitives.ReadUInt16LittleEndian(message);
        var size = BinaryPrimitives.ReadUInt16LittleEndian(message[2..]);
        var id = BinaryPrimitives.ReadUInt32LittleEndian(message[4..]);
        GuestIds.Add(id);
        if (size < 8 || size > message.Length)
        {
            session.Report($"message {type} with a size of {size} in {message.Length} bytes");
            return;
        }

        var body = message[..size];
        switch (type)
        {
            case 1 when Is(session, type, size, 16, DynamicMemoryState.Version): TakeVersion(body, id); break;
            case 3 when Is(session, type, size, 32, DynamicMemoryState.Capabilities): TakeCapabilities(body, id); break;
            case 5 when Is(session, type, size, 48, null): TakeStatus(session, body); break;
            case 7 when Is(session, type, size, -16, DynamicMemoryState.Ballooning): TakeBalloon(session, body); break;
            case 9 when Is(session, type, size, 8, DynamicMemoryState.Unballooning): Finish(); break;
            case 11 when Is(session, type, size, 16, DynamicMemoryState.HotAdding): TakeHotAdd(session, body); break;
            case not (1 or 3 or 5 or 7 or 9 or 11): session.Report($"message of type {type}"); break;
            default: break;
        }
    }

    /// <summary>Sends any bytes as a message.</summary>
    public void SendRaw(ReadOnlySpan<byte> message) => _session?.SendInBand(message);

    private bool Is(ChannelSession session, int type, int size, int expected, DynamicMemoryState? state)
    {
        if (expected >= 0 ? size != expected : size < -expected)
        {
            session.Report($"message {type} of {size} bytes");
            return false;
        }

        if (state is null ? State >= DynamicMemoryState.Idle : State == state)
            return true;
        session.Report($"message {type} in state {State}");
        return false;
    }

    private void TakeVersion(ReadOnlySpan<byte> message, uint id)
    {
        var version = BinaryPrimitives.ReadUInt32LittleEndian(message[8..]);
        VersionRequests.Add((version, (message[12] & 1) != 0));
        var isAccepted = Options.Versions.Contains(version);
        if (isAccepted)
        {
            Version = version;
            State = DynamicMemoryState.Capabilities;
        }

        Span<byte> answer = stackalloc byte[16];
        answer.Clear();
        answer[8] = isAccepted ? (byte)1 : (byte)0;
        Send(2, answer, Options.RepeatsIds ? id : NextId());
    }

    private void TakeCapabilities(ReadOnlySpan<byte> message, uint id)
    {
        Capabilities = (
            BinaryPrimitives.ReadUInt64LittleEndian(message[8..]),
            BinaryPrimitives.ReadUInt64LittleEndian(message[16..]),
            BinaryPrimitives.ReadUInt64LittleEndian(message[24..]));
        Span<byte> answer = stackalloc byte[16];
        answer.Clear();
        answer[8] = (byte)((Options.AcceptsCapabilities ? 1 : 0) | (Options.SuppressesReports ? 4 : 0));
        Send(4, answer, Options.RepeatsIds ? id : NextId());
        if (!Options.AcceptsCapabilities)
            return;
        State = DynamicMemoryState.Idle;
        _isQuiet = Options.QuietTime > TimeSpan.Zero;
        if (_isQuiet)
        {
            _session!.PostAfter(Options.QuietTime, () =>
            {
                _isQuiet = false;
                Next();
            });
        }

        Next();
    }

    private void TakeStatus(ChannelSession session, ReadOnlySpan<byte> message) => Statuses.Add(new StatusReport(
        session.Clock.GetUtcNow(),
        BinaryPrimitives.ReadUInt64LittleEndian(message[8..]),
        BinaryPrimitives.ReadUInt64LittleEndian(message[16..]),
        BinaryPrimitives.ReadUInt64LittleEndian(message[24..]),
        BinaryPrimitives.ReadUInt64LittleEndian(message[32..]),
        BinaryPrimitives.ReadUInt32LittleEndian(message[40..]),
        BinaryPrimitives.ReadUInt32LittleEndian(message[44..])));

    private void Send(ushort type, Span<byte> message, uint id)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(message, type);
        BinaryPrimitives.WriteUInt16LittleEndian(message[2..], (ushort)message.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(message[4..], id);
        _session?.SendInBand(message);
    }

    private uint NextId() => _nextId++;
}
