using GuestOS.Drivers.VmBus.Connections;
using GuestOS.Drivers.VmBus.Offers;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Messages;
using GuestOS.Machine;

namespace GuestOS.Drivers.VmBus.Channels;

/// <summary>
/// A channel: two rings and their signals. It can be opened and closed any number of times, until the host takes it back. All members are
/// thread-safe; sending and receiving allocate nothing.
/// </summary>
public sealed partial class VmBusChannel
{
    private const int PageSize = 4096;
    private readonly ConnectionLoop _loop;
    private readonly CancellationTokenSource _rescinded;
    private volatile ChannelState _state = new ChannelState.Closed();
    private volatile ChannelOffer _offer;
    private volatile ChannelPort? _port;
    private volatile VmBusChannel[] _subchannels = [];

    internal VmBusChannel(ConnectionLoop loop, VmBusDevice device, VmBusChannel? primary, ChannelIdentity identity, ChannelOffer offer, CancellationTokenSource rescinded)
    {
        _loop = loop;
        Device = device;
        Primary = primary ?? this;
        Identity = identity;
        _offer = offer;
        _rescinded = rescinded;
    }

    /// <summary>The device that it belongs to.</summary>
    public VmBusDevice Device { get; }

    /// <summary>What names it.</summary>
    public ChannelIdentity Identity { get; }

    /// <summary>Version of its connection.</summary>
    public VmBusVersion Version => _loop.Version;

    /// <summary>The id of its present offer.</summary>
    public RelId RelId => _offer.RelId;

    /// <summary>The primary channel; itself for a primary.</summary>
    public VmBusChannel Primary { get; }

    /// <summary>It is no subchannel.</summary>
    public bool IsPrimary => ReferenceEquals(Primary, this);

    /// <summary>Where it stands.</summary>
    public ChannelStatus Status => _state.Status;

    /// <summary>Cancelled when the host takes it back, or the connection is unloaded. Callbacks run on a thread of the executor.</summary>
    public CancellationToken Rescinded => _rescinded.Token;

    /// <summary>Why it does not work any more although it is open; null while all is well.</summary>
    public string? BrokenBecause => _port?.BrokenBecause;

    /// <summary>Processor that gets its interrupts.</summary>
    public int Processor { get; internal set; }

    /// <summary>What it counted.</summary>
    public ChannelCounters Counters => Tally.Read();

    /// <summary>Of a primary channel: its subchannels, in the order of their offers.</summary>
    public IReadOnlyList<VmBusChannel> Subchannels => _subchannels;

    /// <summary>Of a primary channel: how many subchannels the device protocol has asked for. More are not taken (rule V6). 0 at first.</summary>
    public int MostSubchannels { get; set; }

    /// <summary>Of a primary channel: called for each subchannel that is offered, in order, on a thread of the executor; must not block.</summary>
    public Action<VmBusChannel>? SubchannelOffered { get; set; }

    /// <summary>What the offer says.</summary>
    internal ChannelOffer Offer
    {
        get => _offer;
        set => _offer = value;
    }

    internal ChannelState State
    {
        get => _state;
        set
        {
            _loop.OnStateChanging(_state, value);
            _state = value;
        }
    }

    internal ChannelPort? Port
    {
        get => _port;
        set => _port = value;
    }

    internal ChannelTally Tally { get; } = new();

    internal VmBusChannel[] SubchannelArray
    {
        get => _subchannels;
        set => _subchannels = value;
    }

    /// <summary>The pump's: the channel id is valid.</summary>
    internal bool IsOffered { get; set; } = true;

    /// <summary>The pump's: the host has taken it back.</summary>
    internal bool IsRescinded { get; set; }

    /// <summary>The pump's: nobody needs to know that it was rescinded any more.</summary>
    internal bool IsUnused { get; set; }

    /// <summary>The pump's: those who wait for it to be closed.</summary>
    internal List<Promise> Closers { get; } = [];

    /// <summary>The pump's: moves to other processors that wait; the first one is under way.</summary>
    internal Queue<MoveOperation> Moves { get; } = new();

    /// <summary>The pump's: an answer to a move may still come.</summary>
    internal bool MoveIsOpen { get; set; }

    /// <summary>Allocates the rings, shares them with the host, and opens.</summary>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Gives up; what the host has is taken back in the background.</param>
    /// <exception cref="VmBusException">Refused, rescinded, timed out, cancelled, disconnected, or it is not closed.</exception>
    /// <exception cref="ArgumentException">Options that cannot be.</exception>
    /// <exception cref="OutOfMemoryException">There is no memory for the rings.</exception>
    public async ValueTask OpenAsync(ChannelOpenOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate(_loop.ProcessorCount);
        var memory = _loop.Dma.Allocate(options.SendRingSize + options.ReceiveRingSize, DmaConstraints.None);
        var operation = new OpenOperation(options, memory, new Promise(_loop.Executor));
        _loop.Pump.Post(() => _loop.Open(this, operation));
        using var registration = _loop.OnCancelled(() => _loop.CancelOpen(this, operation), cancellationToken);
        await operation.Promise.Task.ConfigureAwait(false);
    }

    /// <summary>
    /// Closes: subchannels first; takes the rings back from the host; fails what is outstanding. When it returns, no handler runs and none
    /// will. Returns at once when it is closed. Ring memory that the host does not let go of in time is leaked and counted. Never throws.
    /// Must not be awaited in a handler, which would wait for itself.
    /// </summary>
    public async ValueTask CloseAsync()
    {
        var promise = new Promise(_loop.Executor);
        _loop.Pump.Post(() => _loop.Close(this, promise));
        await promise.Task.ConfigureAwait(false);
    }

    /// <summary>Shares a buffer with the host.</summary>
    /// <param name="buffer">Whole pages, at most 8,190.</param>
    /// <param name="cancellationToken">Gives up; the memory must not be used again, for the host may have it.</param>
    /// <exception cref="VmBusException">
    /// Refused, rescinded or, without a connection, in the wrong state: the host does not have the memory. Timed out, cancelled or disconnected: it may.
    /// </exception>
    public ValueTask<Gpadl> CreateGpadlAsync(DmaBuffer buffer, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        if (buffer.Length % PageSize != 0)
            throw new ArgumentException($"{buffer.Length} bytes are not whole pages.", nameof(buffer));
        return CreateGpadlAsync(new FrameList(buffer.PhysicalAddress.Value / PageSize, buffer.Length / PageSize), cancellationToken);
    }

    /// <summary>Shares pages that need not be neighbours.</summary>
    /// <param name="frames">Page frame numbers, at most 8,190.</param>
    /// <param name="cancellationToken">Gives up; the memory must not be used again, for the host may have it.</param>
    /// <exception cref="VmBusException">
    /// Refused, rescinded or, without a connection, in the wrong state: the host does not have the memory. Timed out, cancelled or disconnected: it may.
    /// </exception>
    public ValueTask<Gpadl> CreateGpadlAsync(ReadOnlyMemory<ulong> frames, CancellationToken cancellationToken = default) =>
        CreateGpadlAsync(new FrameList(frames), cancellationToken);

    /// <summary>Moves the channel's interrupts to another processor. The old one may get some for a while.</summary>
    /// <param name="processor">The kernel's number.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>False when the host is older than 4.1 and cannot.</returns>
    /// <exception cref="VmBusException">Refused, rescinded, timed out, cancelled, disconnected, or not open.</exception>
    public async ValueTask<bool> MoveToAsync(int processor, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(processor);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(processor, _loop.ProcessorCount);
        var operation = new MoveOperation(processor, new Promise(_loop.Executor));
        _loop.Pump.Post(() => _loop.Move(this, operation));
        using var registration = _loop.OnCancelled(
            () => operation.Promise.Fail(VmBusErrorKind.Cancelled, $"moving {this} was given up"), cancellationToken);
        await operation.Promise.Task.ConfigureAwait(false);
        return operation.IsPossible;
    }

    /// <inheritdoc/>
    public override string ToString() =>
        IsPrimary ? $"channel {RelId} ({Device.ClassName ?? "unknown"})" : $"channel {RelId} ({Device.ClassName ?? "unknown"}, subchannel {Identity.SubchannelIndex})";

    /// <summary>The token is cancelled on a thread of the executor.</summary>
    internal void CancelRescinded() => _rescinded.Cancel();

    internal void OnBroken(ChannelPort port, string reason) => _loop.Pump.Post(() => _loop.OnBroken(this, port, reason));

    internal ChannelSnapshot Snapshot()
    {
        var (send, receive) = _port?.Fill ?? default;
        return new ChannelSnapshot(
            RelId,
            Identity,
            Device.ClassName,
            Device.Flags,
            Status,
            Processor,
            _offer.IsMonitored,
            _offer.IsDedicated,
            _offer.Connection,
            send,
            receive,
            Counters);
    }

    private async ValueTask<Gpadl> CreateGpadlAsync(FrameList frames, CancellationToken cancellationToken)
    {
        if (frames.Count is 0 or > GpadlHeader.MostFramesInRange)
            throw new ArgumentException($"{frames.Count} pages; 1 to {GpadlHeader.MostFramesInRange} can be shared together.");
        var promise = new Promise(_loop.Executor);
        var end = new Promise(_loop.Executor);
        GpadlEntry? entry = null;
        Gpadl? gpadl = null;
        _loop.Pump.Post(() =>
        {
            entry = _loop.CreateGpadl(this, frames, failure =>
            {
                if (failure is null)
                    promise.Succeed();
                else
                    promise.Fail(failure.Kind, failure.Message);
            });
            if (entry is not null)
                gpadl = new Gpadl(_loop, entry, end);
        });
        using var registration = _loop.OnCancelled(
            () =>
            {
                if (entry is not null)
                    _loop.AbandonGpadl(entry, new VmBusException(VmBusErrorKind.Cancelled, $"sharing memory with {this} was given up"));
            },
            cancellationToken);
        await promise.Task.ConfigureAwait(false);
        return gpadl!;
    }
}
