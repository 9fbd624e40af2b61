using GuestOS.Drivers.VmBus.Connections;
using GuestOS.Drivers.VmBus.Rings;
using GuestOS.Machine;
using GuestOS.Machine.Processors;

namespace GuestOS.Drivers.VmBus.Channels;

/// <summary>
/// One opening of a channel: its rings, and the work that goes through them. Sending happens under a lock, on any thread. Receiving, the
/// driver's handler, and the end happen in turns of one work item, which the executor runs one at a time. Allocates nothing once made.
/// </summary>
internal sealed partial class ChannelPort : IThreadPoolWorkItem
{
    private const int Idle = 0;
    private const int Posted = 1;
    private const int PostedAgain = 2;

    private readonly VmBusChannel _channel;
    private readonly ChannelHandler _handler;
    private readonly ChannelTally _tally;
    private readonly HostSignal _signal;
    private readonly IExecutor _executor;
    private readonly ILog _log;
    private readonly DmaBuffer _memory;
    private readonly RingMemory _sendRing;
    private readonly RingMemory _receiveRing;
    private readonly RingReader _reader;
    private readonly byte[] _buffer;
    private readonly int _budget;
    private int _turn;
    private volatile bool _isStarted;
    private volatile bool _isPaused;
    private volatile string? _brokenBecause;
    private volatile Action? _onQuiet;
    private volatile EndRequest? _end;
    private bool _isQuiet;
    private bool _brokenIsTold;

    /// <param name="channel">The channel.</param>
    /// <param name="options">How it is opened.</param>
    /// <param name="memory">Both rings, zeroed, shared with the host; the port's from now on.</param>
    /// <param name="signal">How the host is told.</param>
    /// <param name="platform">The machine.</param>
    public ChannelPort(VmBusChannel channel, ChannelOpenOptions options, DmaBuffer memory, HostSignal signal, ProcessorPlatform platform)
    {
        _channel = channel;
        _handler = options.Handler;
        _tally = channel.Tally;
        _signal = signal;
        _executor = platform.Executor;
        _log = platform.Log;
        _memory = memory;
        _budget = options.Budget;
        _buffer = new byte[options.LargestPacket];
        _requests = new RequestTable(options.MostRequests);
        _sendRing = new RingMemory(platform.Dma, memory, 0, options.SendRingSize);
        _receiveRing = new RingMemory(platform.Dma, memory, options.SendRingSize, options.ReceiveRingSize);
        _writer = new RingWriter(_sendRing);
        _reader = new RingReader(_receiveRing, options.Accepted);
    }

    /// <summary>Why it does not work any more; null while all is well.</summary>
    public string? BrokenBecause => _brokenBecause;

    /// <summary>How full the rings are; nothing when they have just been freed.</summary>
    public (RingFill Send, RingFill Receive) Fill
    {
        get
        {
            try
            {
                return (_sendRing.Fill, _receiveRing.Fill);
            }
            catch (ObjectDisposedException)
            {
                return default;
            }
        }
    }

    /// <summary>It was opened: packets are handled from now on.</summary>
    public void Start()
    {
        lock (_gate)
            _canSend = _onQuiet is null;
        _isStarted = true;
        Schedule();
    }

    /// <summary>The host has signalled; called on a vector thread.</summary>
    public void Interrupt()
    {
        _tally.AddInterrupt();
        Schedule();
    }

    /// <summary>No packet goes out any more, and none is handled once <paramref name="onQuiet"/> was called (on a thread of the executor).</summary>
    public void Stop(Action onQuiet)
    {
        lock (_gate)
        {
            _canSend = false;
            _onQuiet = onQuiet;
        }

        Schedule();
    }

    /// <summary>
    /// After <see cref="Stop"/>, when it is known what the host does with memory: ends requests and the handler, then calls
    /// <paramref name="onEnded"/>, all on a thread of the executor.
    /// </summary>
    public void End(ChannelEnd reason, RequestStatus status, Action onEnded)
    {
        _end = new EndRequest(reason, status, onEnded);
        Schedule();
    }

    /// <summary>Frees the rings; the port has ended and the host has let go.</summary>
    public void FreeMemory() => _memory.Dispose();

    public void Pause() => _isPaused = true;

    public void Resume()
    {
        _isPaused = false;
        Schedule();
    }

    /// <summary>One turn.</summary>
    public void Execute()
    {
        var more = Turn();
        if (!more && Interlocked.CompareExchange(ref _turn, Idle, Posted) == Posted)
            return;
        Volatile.Write(ref _turn, Posted);
        _executor.Post(this);
    }

    private void Schedule()
    {
        var turn = Volatile.Read(ref _turn);
        while (turn != PostedAgain)
        {
            var seen = Interlocked.CompareExchange(ref _turn, turn + 1, turn);
            if (seen == turn)
            {
                if (turn == Idle)
                    _executor.Post(this);
                return;
            }

            turn = seen;
        }
    }

    /// <returns>True when there is more to do.</returns>
    private bool Turn()
    {
        if (_onQuiet is not null)
        {
            BeQuiet();
            return false;
        }

        if (!_isStarted)
            return false;
        try
        {
            var more = _brokenBecause is null && Receive();
            if (_brokenBecause is null)
                ServeRoom();
            if (_brokenBecause is not null)
                TellBroken();
            return more && _brokenBecause is null;
        }
        catch (Exception e)
        {
            Break($"its handler threw {e.GetType().Name}: {e.Message}");
            TellBroken();
            return false;
        }
    }

    /// <returns>True when there is more to read.</returns>
    private bool Receive()
    {
        _reader.Mask();
        var handled = 0;
        var isDrained = false;
        while (handled < _budget && !_isPaused && _onQuiet is null)
        {
            var result = _reader.TryRead(_buffer, out var packet);
            if (result == RingReadResult.Broken)
                Break(_reader.BrokenBecause!);
            isDrained = result == RingReadResult.Empty;
            if (isDrained || result == RingReadResult.Broken)
                break;
            handled++;
            if (result == RingReadResult.Packet)
                Handle(packet);
            else
                _tally.Dropped++;
        }

        if (_brokenBecause is null && _reader.Commit())
            SignalHost();
        if (handled > 0)
            _handler.OnBatchEnd(_channel);
        if (_brokenBecause is not null || _isPaused)
            return false;
        if (isDrained)
            return _reader.Unmask();
        if (handled >= _budget)
            _tally.BudgetEnds++;
        return true;
    }

    private void Handle(in RingPacket packet)
    {
        _tally.Received++;
        if (packet.Type == Protocol.Rings.PacketType.Completion && packet.TransactionId != 0)
            Complete(packet.TransactionId, packet.Payload);
        else
            _handler.OnPacket(_channel, packet);
    }

    private void Break(string reason) => Interlocked.CompareExchange(ref _brokenBecause, reason, null);

    /// <summary>Once: nobody waits in vain, and the bus is told.</summary>
    private void TellBroken()
    {
        if (_brokenIsTold)
            return;
        _brokenIsTold = true;
        lock (_gate)
            _canSend = false;
        EndWaiters();
        _channel.OnBroken(this, _brokenBecause!);
    }

    private void BeQuiet()
    {
        if (!_isQuiet)
        {
            _isQuiet = true;
            EndWaiters();
            _onQuiet!();
        }

        if (_end is not { } end)
            return;
        _end = null;
        EndRequests(end.Status);
        if (_isStarted)
            Guard(() => _handler.OnEnd(_channel, end.Reason));
        end.OnEnded();
    }

    private void Guard(Action call)
    {
        try
        {
            call();
        }
        catch (Exception e)
        {
            _log.Error($"the handler of {_channel} threw at its end: {e.Message}");
        }
    }

    private sealed record EndRequest(ChannelEnd Reason, RequestStatus Status, Action OnEnded);
}
