using System.Diagnostics.CodeAnalysis;
using GuestOS.Machine;
using GuestOS.Machine.Block;
using GuestOS.Machine.Drivers;
using GuestOS.Machine.Network;
using GuestOS.Machine.Queues;

namespace GuestOS.Drivers.Tulip;

/// <summary>
/// One adapter. Whoever brings an event (a frame to send, the interrupt, the watch timer) moves it on under its lock; frames and results
/// are handed out after that is released.
/// The chip is either running, stopping (it ends the frame that it is at, then is restarted or paused), paused, or gone. A restart is a
/// software reset; every frame that the chip had not finished is placed again, in order, behind the setup frame.
/// LOCKING: <c>_gate</c> guards everything but the medium, which belongs to whoever has <c>_isWatching</c>.
/// </summary>
internal sealed partial class TulipAdapter : INetworkPath, ISendRequestOwner, IDisposable
{
    private const int ReceiveDescriptors = 128;

    /// <summary>Empty frames: those in the ring, and as many again twice for programs to hold.</summary>
    private const int ReceiveFrames = 3 * ReceiveDescriptors;

    /// <summary>No more than QEMU's model looks at in one go (128).</summary>
    private const int TransmitDescriptors = 64;
    private const int TransmitFrames = 2 * TransmitDescriptors;

    private const int PlainMtu = 1500;
    private const int HeaderSize = 14;
    private const int ShortestFrame = 60;

    private readonly Lock _gate = new();
    private readonly ChipKind _chip;
    private readonly ChipRegisters _registers;
    private readonly ChipConfiguration _configuration;
    private readonly IMedium _medium;
    private readonly TimeProvider _clock;
    private readonly ILog _log;
    private readonly bool _continueInline;
    private readonly TulipCounters _counters = new();
    private readonly FramePool _sendPool;
    private readonly FramePool _receivePool;
    private readonly ReceiveQueue _receiveQueue;
    private readonly RxRing _rx;
    private readonly TxRing _tx;
    private readonly DmaBuffer _setup;
    private readonly ITimer _watchTimer;
    private Phase _phase = Phase.Paused;
    private Hold _holds = Hold.Closed;
    private string? _goneBecause;
    private int _isDisposed;

    public TulipAdapter(
        string name, ChipKind chip, ChipRegisters registers, ChipConfiguration configuration, IMedium medium, MacAddress address, DriverContext context, TulipOptions options)
    {
        Name = name;
        Address = address;
        _chip = chip;
        _registers = registers;
        _configuration = configuration;
        _medium = medium;
        _clock = context.Clock;
        _log = context.Log;
        _continueInline = options.ContinueInline;
        _interruptMask = chip == ChipKind.Dec21143 && medium is PortMedium ? Wanted | ChipStatus.LinkPass | ChipStatus.LinkFail : Wanted;
        _sendPool = new FramePool(context.Dma, TransmitFrames, RxRing.BufferSize, _continueInline, Reap);
        _receivePool = new FramePool(context.Dma, ReceiveFrames, RxRing.BufferSize);
        _receiveQueue = new ReceiveQueue(_continueInline);
        _waiting = new SendQueue(this, _continueInline);
        _rx = new RxRing(context.Dma, ReceiveDescriptors, options.IsChained, _receivePool);
        _tx = new TxRing(context.Dma, TransmitDescriptors, options.IsChained);
        _setup = context.Dma.Allocate(SetupFrame.Size, DmaConstraints.Below4GiB);
        _watchTimer = context.Clock.CreateTimer(static state => ((TulipAdapter)state!).Watch(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public event Action<LinkStatus>? LinkChanged;

    /// <summary>What the chip does.</summary>
    private enum Phase
    {
        Paused,
        Running,
        Stopping,
        Gone,
    }

    /// <summary>Why frames are held back.</summary>
    [Flags]
    internal enum Hold
    {
        None = 0,

        /// <summary>Not opened yet.</summary>
        Closed = 1,

        /// <summary>Another device has the link.</summary>
        Quiesced = 2,

        /// <summary>The driver is suspended.</summary>
        Suspended = 4,
    }

    public string Name { get; }

    public string Model => _chip == ChipKind.Dec21140 ? "DEC 21140" : "DEC 21143";

    public PathRank Rank => PathRank.Emulated;

    public string MediumName => _medium.Name;

    public MacAddress Address { get; }

    public int Mtu => PlainMtu;

    public LinkStatus Link
    {
        get
        {
            lock (_gate)
                return _link;
        }
    }

    public NetworkStatistics Statistics
    {
        get
        {
            lock (_gate)
                return _counters.Statistics;
        }
    }

    public IReadOnlyList<NetworkCounter> Counters
    {
        get
        {
            lock (_gate)
                return _counters.List();
        }
    }

    /// <summary>For tests.</summary>
    internal TulipCounters RawCounters => _counters;

    public bool TryRent([NotNullWhen(true)] out Frame? frame)
    {
        if (_sendPool.TryRent(out frame))
            return true;
        Reap();
        return _sendPool.TryRent(out frame);
    }

    public ValueTask<Frame> RentAsync(CancellationToken cancellationToken = default) => _sendPool.RentAsync(cancellationToken);

    public ValueTask<int> ReceiveAsync(Memory<Frame> destination, CancellationToken cancellationToken = default) =>
        _receiveQueue.TakeAsync(destination, cancellationToken);

    public ValueTask<NetworkResult> QuiesceAsync(CancellationToken cancellationToken = default) => HoldAsync(Hold.Quiesced, cancellationToken);

    public ValueTask<NetworkResult> ResumeAsync(CancellationToken cancellationToken = default) => ReleaseAsync(Hold.Quiesced, cancellationToken);

    /// <summary>Starts the chip. The interrupt is connected.</summary>
    public void Open()
    {
        _medium.Select();
        var state = _medium.Poll();
        Deferred deferred = default;
        lock (_gate)
        {
            _link = state.Link;
            _mediumBitsWanted = state.ModeBits;
            _lastLinkPoll = _clock.GetTimestamp();
            _holds &= ~Hold.Closed;
            Restart(ref deferred);
        }

        deferred.Run(this);
    }

    /// <summary>Takes everything down: what the chip has been given goes out first, as far as it does that in time; what waits fails. Never throws.</summary>
    public async ValueTask CloseAsync(string reason)
    {
        try
        {
            await HoldAsync(Hold.Suspended, CancellationToken.None).AsTask().WaitAsync(TulipTimeouts.Drain, _clock, CancellationToken.None).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The chip does not end what it has: GiveUp takes it away and counts it.
        }

        Deferred deferred = default;
        lock (_gate)
            GiveUp(reason, ref deferred);
        deferred.Run(this);
        _receiveQueue.Close();
    }

    /// <summary>Frees everything. After <see cref="CloseAsync"/>, with the interrupt disconnected.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        _watchTimer.Dispose();
        lock (_gate)
        {
            _rx.Dispose();
            _tx.Dispose();
            _setup.Dispose();
        }

        _receivePool.Close();
    }

    private NetworkError GoneError() => new(NetworkErrorKind.Gone, Name, _goneBecause ?? "the adapter is gone");

    /// <summary>
    /// The end: the chip is silent (or not there), nothing is in its rings any more. Under the lock.
    /// </summary>
    private void GiveUp(string reason, ref Deferred deferred)
    {
        if (_phase == Phase.Gone)
            return;
        _phase = Phase.Gone;
        _goneBecause = reason;
        _registers.Write(Csr.InterruptEnable, 0);
        _registers.Write(Csr.OperationMode, ModeBits);
        _registers.Reset(0);
        _configuration.ForbidMemory();
        _watchInterval = Timeout.InfiniteTimeSpan;
        _watchTimer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        HarvestLocked(ref deferred);
        deferred.IsEnd = true;
        _tx.Drain(ref deferred.Released);
        deferred.Released.TakeAll(ref _brokenOff);
        deferred.Released.TakeAll(ref _resend);
        _counters.SendDropped += deferred.Released.Count;
        while (_waiting.Dequeue() is { } request)
        {
            request.TakeLeft(ref deferred.Released);
            deferred.Ended(request, NetworkResult.Failure(GoneError()));
        }

        EndFilterWaits(NetworkResult.Failure(GoneError()), int.MaxValue, ref deferred);
        deferred.Stopped = _stopped;
        deferred.StoppedResult = NetworkResult.Failure(GoneError());
        _stopped = null;
        if (_link.IsUp)
            deferred.LinkIsChanged = true;
        _link = LinkStatus.Down;
    }

    /// <summary>What is done after the lock is released.</summary>
    private struct Deferred
    {
        private LinkedQueue<SendRequest> _ended;

        public FrameQueue Received;
        public FrameQueue Released;
        public List<TaskCompletionSource<NetworkResult>>? FilterWaits;
        public NetworkResult FilterResult;
        public WaitList<NetworkResult>? Stopped;
        public NetworkResult StoppedResult;
        public bool HasReceived;
        public bool LinkIsChanged;
        public bool IsEnd;
        public string? Warning;

        public void Ended(SendRequest request, in NetworkResult result)
        {
            request.SetResult(result);
            _ended.Enqueue(request);
        }

        /// <summary>With the result that it has.</summary>
        public void EndedAsSet(SendRequest request) => _ended.Enqueue(request);

        public void Cancelled(SendRequest request)
        {
            request.SetCancelled();
            _ended.Enqueue(request);
        }

        public void Run(TulipAdapter adapter)
        {
            if (Warning is not null)
                adapter._log.Warning($"{adapter.Name}: {Warning}");
            if (HasReceived)
                adapter._receiveQueue.Announce();

            if (IsEnd)
            {
                adapter._receiveQueue.Complete();
                adapter._sendPool.Close();
            }

            // Those that the closed queue did not take.
            Received.ReleaseAll();
            Released.ReleaseAll();
            while (_ended.Dequeue() is { } request)
                request.Announce();
            if (FilterWaits is not null)
            {
                foreach (var wait in FilterWaits)
                    wait.SetResult(FilterResult);
            }

            Stopped?.End(StoppedResult);
            if (LinkIsChanged)
                adapter.LinkChanged?.Invoke(adapter.Link);
        }
    }
}
