using GuestOS.Machine;
using GuestOS.Machine.Block;
using GuestOS.Machine.Queues;

namespace GuestOS.Drivers.Ata;

/// <summary>
/// One channel: two drives, one command at a time. Whoever brings an event (a new request, the interrupt, the watch timer) moves the
/// channel on under its lock: the thread of the interrupt ends a command and starts the next one at once, without waking anybody
/// in between, and only then announces the result. What needs time (reset, set-up, sense data, medium) runs as an owner that has the channel to
/// itself between <see cref="EnterAsync"/> and <see cref="Leave"/>.
/// LOCKING: <c>_gate</c> guards everything but the counters; results, owners and recoveries are started after it is released.
/// </summary>
internal sealed partial class IdeChannel : IDisposable
{
    private const int LargestPool = 64;

    private readonly Lock _gate = new();
    private readonly IdeRegisters _registers;
    private readonly CommandEngine _engine;
    private readonly ITimer _watchdog;
    private readonly IdeDrive?[] _drives = new IdeDrive?[2];
    private readonly Queue<TaskCompletionSource> _waiters = new();
    private readonly AtaCommand _command = new();
    private readonly bool _runContinuationsAsynchronously;
    private readonly TaskCreationOptions _continuations;
    private LinkedPool<DriveRequest> _pool = new(LargestPool);
    private DriveRequest? _active;
    private TaskCompletionSource<CommandOutcome>? _ownersCommand;
    private bool _isOwned;
    private bool _waiterWasServed;
    private int _lastDrive;
    private string? _closedBecause;
    private TimeSpan _watchInterval = Timeout.InfiniteTimeSpan;
    private long _seenSequence;
    private long _seenAt;
    private long _seenActivity;
    private long _movedAt;
    private int _idleTicks;
    private long _reportedLost;

    /// <param name="name">"ata0".</param>
    /// <param name="legacyNumber">0 or 1 for the machine's own channels; null for those of other controllers.</param>
    /// <param name="command">The command block.</param>
    /// <param name="control">The control block: one register.</param>
    /// <param name="busMaster">Null for a controller without one. The channel owns it.</param>
    /// <param name="clock">Time.</param>
    /// <param name="log">Log.</param>
    /// <param name="runContinuationsAsynchronously">False: code that awaits a request, or anything else here, goes on in the interrupt's thread, and must be short.</param>
    public IdeChannel(
        string name, int? legacyNumber, IRegisterWindow command, IRegisterWindow control, BusMaster? busMaster, TimeProvider clock, ILog log, bool runContinuationsAsynchronously)
    {
        Name = name;
        LegacyNumber = legacyNumber;
        BusMaster = busMaster;
        Clock = clock;
        Log = log;
        _runContinuationsAsynchronously = runContinuationsAsynchronously;
        _continuations = runContinuationsAsynchronously ? TaskCreationOptions.RunContinuationsAsynchronously : TaskCreationOptions.None;
        _registers = new IdeRegisters(command, control);
        _engine = new CommandEngine(_registers, busMaster, Counters);
        _watchdog = clock.CreateTimer(static state => ((IdeChannel)state!).Watch(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public string Name { get; }

    /// <summary>Number of the machine's own channel that this is; null when it is none.</summary>
    public int? LegacyNumber { get; }

    public BusMaster? BusMaster { get; }

    public bool HasBusMaster => BusMaster is not null;

    public TimeProvider Clock { get; }

    public ILog Log { get; }

    public ChannelCounters Counters { get; } = new();

    /// <summary>For the owner of the channel.</summary>
    public AtaCommand ControlCommand { get; } = new();

    /// <summary>Drives that were found.</summary>
    public IEnumerable<IdeDrive> Drives => _drives.OfType<IdeDrive>();

    /// <summary>A request object from the pool.</summary>
    public DriveRequest Rent()
    {
        lock (_gate)
        {
            if (_pool.Rent() is { } request)
                return request;
        }

        return new DriveRequest(this, _runContinuationsAsynchronously);
    }

    public void Return(DriveRequest request)
    {
        lock (_gate)
            _pool.Return(request);
    }

    public void Submit(DriveRequest request)
    {
        Deferred deferred = default;
        lock (_gate)
        {
            var drive = request.Drive;
            if (request.CancelRequested)
                deferred.Cancelled(request);
            else if (drive.GoneBecause is not null)
                deferred.Ended(request, BlockResult.Failure(drive.GoneError(request.Kind, request.Block)));
            else if (drive.Holds != IdeDrive.Hold.None && !request.IsInternal)
                drive.HeldBack.Enqueue(request);
            else
                drive.Queue.Enqueue(request);
            Pump(ref deferred);
        }

        deferred.Run(this);
    }

    /// <summary>The issuer's token was cancelled.</summary>
    public void Cancel(DriveRequest request)
    {
        Deferred deferred = default;
        lock (_gate)
        {
            request.CancelRequested = true;
            if (request.State == RequestState.Queued && (request.Drive.Queue.Remove(request) || request.Drive.HeldBack.Remove(request)))
                deferred.Cancelled(request);
        }

        deferred.Run(this);
    }

    /// <summary>New requests of the drive wait from now on; its own ones pass.</summary>
    public void SetHold(IdeDrive drive, IdeDrive.Hold hold)
    {
        lock (_gate)
            drive.Holds |= hold;
    }

    /// <summary>With the last hold the waiting requests go on, in their order.</summary>
    public void ClearHold(IdeDrive drive, IdeDrive.Hold hold)
    {
        Deferred deferred = default;
        lock (_gate)
        {
            drive.Holds &= ~hold;
            if (drive.Holds == IdeDrive.Hold.None)
                drive.Queue.TakeAll(drive.HeldBack);
            Pump(ref deferred);
        }

        deferred.Run(this);
    }

    /// <summary>The interrupt's handler.</summary>
    public InterruptResult OnInterrupt()
    {
        Deferred deferred = default;
        bool mine;
        lock (_gate)
        {
            mine = _engine.Interrupt();
            if (mine)
                Pump(ref deferred);
        }

        deferred.Run(this);
        return mine ? InterruptResult.Handled : InterruptResult.NotMine;
    }

    public void Dispose()
    {
        _watchdog.Dispose();
        BusMaster?.Dispose();
    }

    /// <summary>Settles what ended and starts what is next, as long as something can be done. Under the lock.</summary>
    private void Pump(ref Deferred deferred)
    {
        while (true)
        {
            if (_engine.IsFinished)
            {
                Settle(ref deferred);
                continue;
            }

            if (!_engine.IsIdle || _isOwned)
                break;
            var request = _waiters.Count != 0 && !_waiterWasServed ? null : TakeNext();
            if (request is null)
            {
                if (_waiters.Count == 0)
                    return;
                _isOwned = true;
                _waiterWasServed = true;
                deferred.Grant = _waiters.Dequeue();
                return;
            }

            _waiterWasServed = false;
            Begin(request, ref deferred);
        }

        if (!_engine.IsIdle)
            KeepWatch();
    }

    /// <summary>The drives take turns. Nothing is taken any more once the channel closes.</summary>
    private DriveRequest? TakeNext()
    {
        if (_closedBecause is not null)
            return null;
        for (var i = 0; i < 2; i++)
        {
            var index = _lastDrive ^ 1 ^ i;
            if (_drives[index] is not { IsPaused: false } drive || drive.Queue.Dequeue() is not { } request)
                continue;
            _lastDrive = index;
            return request;
        }

        return null;
    }

    private void Begin(DriveRequest request, ref Deferred deferred)
    {
        request.State = RequestState.Active;
        if (!request.Drive.Prepare(request, _command, out var error))
        {
            deferred.Ended(request, error is null ? BlockResult.Success : BlockResult.Failure(error));
            return;
        }

        _active = request;
        _engine.Start(_command);
    }

    /// <summary>A command ended: gives memory back, and decides about its request.</summary>
    private void Settle(ref Deferred deferred)
    {
        var outcome = _engine.TakeOutcome();
        if (_ownersCommand is { } owner)
        {
            _ownersCommand = null;
            deferred.Outcome = outcome;
            deferred.Owner = owner;
            return;
        }

        var request = _active!;
        _active = null;
        var dma = request.UsesDma && _command.IsDma;
        if (dma)
            BusMaster!.Release(outcome.IsGood);
        var complete = outcome.Transferred >= _command.Length;
        if (!outcome.IsGood || !complete)
        {
            if (outcome.IsGood)
                outcome = outcome with { Kind = OutcomeKind.Short, Reason = $"only {outcome.Transferred} of {_command.Length} bytes" };
            if (outcome.Kind == OutcomeKind.Timeout)
                Counters.Timeouts++;
            _isOwned = true;
            deferred.Failed = request;
            deferred.Outcome = outcome;
            Separate(request, ref deferred);
            return;
        }

        if (dma)
            request.Drive.NoteDmaGood();
        request.Done += request.Chunk;
        request.Failures = 0;
        if (request.Done >= request.BlockCount)
            EndAll(request, ref deferred);
        else if (request.CancelRequested)
            deferred.Cancelled(request);
        else
            request.Drive.Queue.PutBack(request);
    }

    /// <summary>The request and those that went with it are done.</summary>
    private static void EndAll(DriveRequest request, ref Deferred deferred)
    {
        var follower = request.Followers;
        request.Followers = null;
        deferred.Ended(request, BlockResult.Success);
        while (follower is not null)
        {
            var next = follower.Next;
            deferred.Ended(follower, BlockResult.Success);
            follower = next;
        }
    }

    /// <summary>Requests that went together are tried again one by one, in their order: each has an end of its own.</summary>
    private static void Separate(DriveRequest request, ref Deferred deferred)
    {
        if (request.Followers is null)
            return;
        request.IsAlone = true;
        DriveRequest? reversed = null;
        for (var follower = request.Followers; follower is not null;)
        {
            var next = follower.Next;
            follower.Next = reversed;
            reversed = follower;
            follower = next;
        }

        request.Followers = null;
        deferred.IsSeparated = true;
        while (reversed is not null)
        {
            var next = reversed.Next;
            reversed.IsAlone = true;
            if (reversed.CancelRequested)
                deferred.Cancelled(reversed);
            else
                reversed.Drive.Queue.PutBack(reversed);
            reversed = next;
        }
    }

    private void KeepWatch()
    {
        var interval = _engine.WantsFastPoll ? AtaTimeouts.FastInterval : AtaTimeouts.WatchInterval;
        _idleTicks = 0;
        if (_watchInterval == interval)
            return;
        _watchInterval = interval;
        _watchdog.Change(interval, interval);
    }

    /// <summary>
    /// The watch timer: it finds what interrupts did not tell, and what takes too long. It keeps running while there is work, so that starting
    /// a command neither reads the clock nor sets a timer; a command's time counts from the first tick that sees it.
    /// </summary>
    private void Watch()
    {
        Deferred deferred = default;
        lock (_gate)
        {
            if (_engine.IsIdle)
            {
                if (_watchInterval != Timeout.InfiniteTimeSpan && ++_idleTicks >= AtaTimeouts.IdleTicks)
                {
                    _watchInterval = Timeout.InfiniteTimeSpan;
                    _watchdog.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                }

                return;
            }

            var now = Clock.GetTimestamp();
            var known = _engine.Sequence == _seenSequence;
            if (!known)
            {
                _seenSequence = _engine.Sequence;
                _seenAt = now;
            }

            // Ticks may come late and then close together: an interrupt is missed only if nothing has moved for a while.
            var still = _engine.Activity == _seenActivity;
            if (!still)
            {
                _seenActivity = _engine.Activity;
                _movedAt = now;
            }

            if ((still && Clock.GetElapsedTime(_movedAt, now) >= AtaTimeouts.LostAfter) || _engine.WantsFastPoll)
                _engine.Poll();
            if (known && Clock.GetElapsedTime(_seenAt, now) >= _engine.Timeout)
                _engine.Expire(OutcomeKind.Timeout, $"no end after {_engine.Timeout.TotalSeconds} s");
            Pump(ref deferred);
        }

        ReportLostInterrupts();
        deferred.Run(this);
    }

    /// <summary>At the first, the second, the fourth, ... so that a dead line does not fill the log.</summary>
    private void ReportLostInterrupts()
    {
        var lost = Counters.LostInterrupts;
        if (lost < Math.Max(1, _reportedLost * 2))
            return;
        _reportedLost = lost;
        Log.Warning($"{Name}: {lost} interrupts were lost or late; what they had to say was found by polling");
    }

    /// <summary>What is done after the lock is released.</summary>
    private struct Deferred
    {
        private LinkedQueue<DriveRequest> _ended;

        public TaskCompletionSource? Grant;
        public TaskCompletionSource<CommandOutcome>? Owner;
        public DriveRequest? Failed;
        public CommandOutcome Outcome;

        /// <summary>The failed request was one of several of its command: nothing is known about it yet.</summary>
        public bool IsSeparated;

        public void Ended(DriveRequest request, in BlockResult result)
        {
            request.SetResult(result);
            _ended.Enqueue(request);
        }

        public void Cancelled(DriveRequest request)
        {
            request.SetCancelled();
            _ended.Enqueue(request);
        }

        public void Run(IdeChannel channel)
        {
            while (_ended.Dequeue() is { } request)
                request.Announce();

            // There is one owner at most, so at most one of these.
            if (Failed is not null)
                _ = channel.RecoverAsync(Failed, Outcome, IsSeparated);
            Owner?.SetResult(Outcome);
            if (Grant is not null && !Grant.TrySetResult())
                channel.Leave();
        }
    }
}
