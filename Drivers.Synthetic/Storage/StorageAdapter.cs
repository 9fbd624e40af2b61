using GuestOS.Drivers.VmBus;
using GuestOS.Machine;
using GuestOS.Machine.Processors;

namespace GuestOS.Drivers.Synthetic.Storage;

/// <summary>
/// What the devices behind one channel share: the queues, one for each channel, of which a command takes its processor's; the pool of
/// commands; pauses between tries; and the watch over what takes too long.
/// </summary>
internal sealed class StorageAdapter : IDisposable
{
    private const int LargestPool = 256;

    private readonly IProcessors? _processors;
    private readonly TimeProvider _clock;
    private readonly bool _continueInline;
    private readonly Lock _poolGate = new();
    private readonly Lock _pauseGate = new();
    private readonly Lock _watchGate = new();
    private readonly CommandList _pool = new(CommandState.Pooled);
    private readonly CommandList _pausing = new(CommandState.Pausing);
    private readonly ITimer _pauseTimer;
    private readonly ITimer _watch;
    private volatile StorageQueue[] _queues = [];
    private volatile bool _isEnded = true;
    private int _isWatching;
    private int _idleTicks;

    /// <param name="dma">Memory.</param>
    /// <param name="clock">Time.</param>
    /// <param name="log">Log.</param>
    /// <param name="processors">The processors; null for one.</param>
    /// <param name="continueInline">Code that awaits a request goes on in the channel's thread, and must be short.</param>
    public StorageAdapter(IDmaMemory dma, TimeProvider clock, ILog log, IProcessors? processors, bool continueInline)
    {
        Dma = dma;
        _clock = clock;
        _processors = processors;
        _continueInline = continueInline;
        Log = log;
        Warnings = new RateLimitedLog(log, clock);
        Bounces = new BouncePool(dma);
        _pauseTimer = clock.CreateTimer(static state => ((StorageAdapter)state!).EndPauses(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _watch = clock.CreateTimer(static state => ((StorageAdapter)state!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public IDmaMemory Dma { get; }

    public ILog Log { get; }

    /// <summary>For what a host or a program may provoke any number of times.</summary>
    public RateLimitedLog Warnings { get; }

    public StorvscCounters Counters { get; } = new();

    public BouncePool Bounces { get; }

    /// <summary>Longest transfer of one command.</summary>
    public int MostBytes { get; private set; } = StorvscLimits.PageSize;

    /// <summary>Logical units have changed, or may have.</summary>
    public Action? ScanWanted { get; set; }

    /// <summary>A tick has passed; with the first command that is late.</summary>
    public Action<StorageCommand?>? Ticked { get; set; }

    public int QueueCount => _queues.Length;

    /// <summary>The primary channel takes nothing more.</summary>
    public bool IsEnded => _isEnded;

    /// <summary>Commands that hosts have.</summary>
    public int Outstanding
    {
        get
        {
            var sum = 0;
            foreach (var queue in _queues)
                sum += queue.Outstanding;
            return sum;
        }
    }

    /// <summary>Starts with the primary channel's queue.</summary>
    public void Begin(StorageQueue primary, StorvscLimits limits)
    {
        MostBytes = limits.MostBytes;
        _queues = [primary];
        _isEnded = false;
    }

    /// <summary>A subchannel is open.</summary>
    public void Add(StorageQueue queue)
    {
        lock (_poolGate)
            _queues = [.. _queues, queue];
    }

    /// <summary>A channel takes nothing more. With the primary all end.</summary>
    public void End(StorageQueue queue)
    {
        lock (_poolGate)
        {
            var queues = _queues;
            if (queues.Length == 0 || ReferenceEquals(queues[0], queue))
                _isEnded = true;
            else
                _queues = Array.FindAll(queues, other => !ReferenceEquals(other, queue));
        }

        queue.End();
        if (_isEnded)
            EndPauses();
    }

    public void Submit(StorageCommand command)
    {
        var queues = _queues;
        if (queues.Length == 0)
            command.OnEnded(new CommandOutcome(OutcomeKind.Gone));
        else
            queues[queues.Length == 1 || _processors is null ? 0 : (int)((uint)_processors.Current % (uint)queues.Length)].Submit(command);
    }

    /// <summary>A queue gives a command back because its channel has ended. The primary's is there as long as the device is.</summary>
    public void OnQueueEnded(StorageQueue queue, StorageCommand command)
    {
        var queues = _queues;
        if (_isEnded || queues.Length == 0 || ReferenceEquals(queues[0], queue))
            command.OnEnded(new CommandOutcome(OutcomeKind.Gone));
        else
            queues[0].Submit(command);
    }

    /// <summary>Submits a command after a pause.</summary>
    public void SubmitAfter(StorageCommand command, TimeSpan pause)
    {
        bool isCancelled;
        lock (_pauseGate)
        {
            isCancelled = command.IsCancelRequested;
            if (!isCancelled)
            {
                command.Due = _clock.GetTimestamp() + (long)(pause.TotalSeconds * _clock.TimestampFrequency);
                _pausing.Add(command);
                SetPauseTimer();
            }
        }

        if (isCancelled)
            command.OnCancelled();
    }

    /// <summary>
    /// The issuer of a command gave it up: one that waits ends now, one that the host has when that answers. Whoever puts a command into a list
    /// looks at the request under that list's lock, so it is either found here or seen there.
    /// </summary>
    public void Cancel(StorageCommand command)
    {
        command.IsCancelRequested = true;
        Interlocked.MemoryBarrier();
        bool isFound;
        lock (_pauseGate)
            isFound = _pausing.TryRemove(command);
        foreach (var queue in _queues)
            isFound = isFound || queue.TryRemove(command);
        if (isFound)
            command.OnCancelled();
    }

    public BlockCommand Rent()
    {
        lock (_poolGate)
        {
            if (_pool.Take() is BlockCommand command)
                return command;
        }

        return new BlockCommand(this, !_continueInline);
    }

    public void Return(BlockCommand command)
    {
        lock (_poolGate)
        {
            if (_pool.Count < LargestPool)
                _pool.AddFirst(command);
        }
    }

    /// <summary>A buffer is free: some commands may wait for one.</summary>
    public void PumpAll()
    {
        foreach (var queue in _queues)
            queue.Pump();
    }

    public void NoteMalformed(int length)
    {
        Counters.Malformed++;
        Warnings.Warning($"the host's answer of {length} bytes is malformed");
    }

    /// <summary>A command is on its way: the tick timer runs until there is none any more.</summary>
    public void KeepWatch()
    {
        if (Volatile.Read(ref _isWatching) != 0)
            return;
        lock (_watchGate)
        {
            if (_isWatching != 0)
                return;
            _idleTicks = 0;
            Volatile.Write(ref _isWatching, 1);
            _watch.Change(StorvscTimeouts.Tick, StorvscTimeouts.Tick);
        }
    }

    public void Dispose()
    {
        _pauseTimer.Dispose();
        _watch.Dispose();
        Bounces.Dispose();
    }

    private void Tick()
    {
        StorageCommand? late = null;
        var isBusy = false;
        foreach (var queue in _queues)
        {
            late = queue.Age(out var busy) ?? late;
            isBusy |= busy;
        }

        lock (_watchGate)
        {
            _idleTicks = isBusy ? 0 : _idleTicks + 1;
            if (_idleTicks >= StorvscTimeouts.IdleTicks)
            {
                Volatile.Write(ref _isWatching, 0);
                _watch.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }

        Ticked?.Invoke(late);
    }

    /// <summary>Submits those whose pause is over; all of them when the device has ended.</summary>
    private void EndPauses()
    {
        while (true)
        {
            StorageCommand? command;
            lock (_pauseGate)
            {
                var now = _clock.GetTimestamp();
                command = _pausing.First;
                while (command is not null && command.Due > now && !_isEnded)
                    command = command.Next;
                if (command is null)
                {
                    SetPauseTimer();
                    return;
                }

                _pausing.Remove(command);
            }

            Submit(command);
        }
    }

    /// <summary>Under the lock.</summary>
    private void SetPauseTimer()
    {
        if (_pausing.IsEmpty)
            return;
        var first = long.MaxValue;
        for (var command = _pausing.First; command is not null; command = command.Next)
            first = Math.Min(first, command.Due);
        var ticks = Math.Max(0, first - _clock.GetTimestamp());
        _pauseTimer.Change(TimeSpan.FromSeconds((double)ticks / _clock.TimestampFrequency), Timeout.InfiniteTimeSpan);
    }
}
