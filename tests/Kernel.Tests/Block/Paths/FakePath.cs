using GuestOS.Machine.Block;
using GuestOS.Testing;

namespace GuestOS.Kernel.Tests.Block.Paths;

/// <summary>
/// A device on a shared medium, as slow as its seed says: a request is carried out at some moment, and its issuer hears of it at a later
/// one. When it is lost, what was not carried out never will be, and everything that is on its way fails as gone.
/// </summary>
internal sealed class FakePath : IMediumPath
{
    private readonly SharedMedium _medium;
    private readonly TimeProvider _clock;
    private readonly Random _random;
    private readonly List<Pending> _pending = [];
    private TaskCompletionSource? _drained;
    private bool _isLost;
    private bool _isResting;

    public FakePath(string name, PathRank rank, SharedMedium medium, TimeProvider clock, Random random)
    {
        Name = name;
        Rank = rank;
        _medium = medium;
        _clock = clock;
        _random = random;
        Geometry = new BlockGeometry { BlockSize = 512, BlockCount = (ulong)medium.History.BlockCount, CanDiscard = rank == PathRank.Synthetic };
    }

    public string Name { get; }

    public string Model => Name;

    public string Serial => "";

    public BlockGeometry Geometry { get; set; }

    public MediumIdentity? Medium { get; init; } = MediumIdentity.Ide(0, 1);

    public PathRank Rank { get; }

    /// <summary>So many quiesces fail in their flush.</summary>
    public int FailingQuiesces { get; set; }

    /// <summary>The next resume does not work.</summary>
    public bool FailsToResume { get; set; }

    public bool IsResting => _isResting;

    public int Requests { get; private set; }

    public int InFlight => _pending.Count;

    /// <summary>Answers at once.</summary>
    public bool IsFast { get; set; }

    public ValueTask<BlockResult> ReadAsync(ulong block, Memory<byte> destination, CancellationToken cancellationToken = default) =>
        Submit("READ", () => _medium.Read(block, destination.Span), cancellationToken);

    public ValueTask<BlockResult> WriteAsync(ulong block, ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) =>
        Submit("WRITE", () => _medium.Write(Name, block, source.Span), cancellationToken);

    public ValueTask<BlockResult> FlushAsync(CancellationToken cancellationToken = default) => Submit("FLUSH", _medium.Flush, cancellationToken);

    public ValueTask<BlockResult> DiscardAsync(ulong block, ulong count, CancellationToken cancellationToken = default) => Geometry.CanDiscard
        ? Submit("DISCARD", () => { }, cancellationToken)
        : new(Failure(BlockErrorKind.NotSupported, "DISCARD"));

    public async ValueTask<BlockResult> QuiesceAsync(CancellationToken cancellationToken = default)
    {
        if (_isLost)
            return Failure(BlockErrorKind.Gone, "FLUSH");
        _isResting = true;
        if (_pending.Count != 0)
            await (_drained = new TaskCompletionSource()).Task.ConfigureAwait(false);
        BlockResult result = FailingQuiesces-- > 0
            ? Failure(BlockErrorKind.DeviceError, "FLUSH")
            : await Submit("FLUSH", _medium.Flush, default, isInternal: true).ConfigureAwait(false);
        _isResting = result.IsSuccess;
        return result;
    }

    public async ValueTask ResumeAsync(CancellationToken cancellationToken = default)
    {
        await _clock.After(Latency()).ConfigureAwait(false);
        if (FailsToResume)
            throw new IOException($"{Name} does not wake up");
        _isResting = false;
    }

    /// <summary>The device is gone.</summary>
    public void Lose()
    {
        _isLost = true;
        foreach (Pending pending in _pending.ToArray())
            pending.End(this, Failure(BlockErrorKind.Gone, pending.Operation));
    }

    private TimeSpan Latency() => TimeSpan.FromMicroseconds(_random.Next(60));

    private BlockResult Failure(BlockErrorKind kind, string operation) =>
        BlockResult.Failure(new BlockError(kind, Name, operation, null, "a fake's"));

    private ValueTask<BlockResult> Submit(string operation, Action execute, CancellationToken token, bool isInternal = false)
    {
        Requests++;
        if (_isLost)
            return new(Failure(BlockErrorKind.Gone, operation));
        if (_isResting && !isInternal)
            _medium.History.Violations.Add($"{operation} reached {Name}, which rests");
        if (token.IsCancellationRequested)
            return ValueTask.FromCanceled<BlockResult>(token);
        if (IsFast)
        {
            execute();
            return new(BlockResult.Success);
        }

        var pending = new Pending(operation, execute, token);
        _pending.Add(pending);
        pending.Begin(this);
        return new(pending.Source.Task);
    }

    private void Remove(Pending pending)
    {
        _pending.Remove(pending);
        if (_pending.Count == 0)
            _drained?.TrySetResult();
    }

    private sealed class Pending(string operation, Action execute, CancellationToken token)
    {
        private ITimer? _timer;
        private bool _isExecuted;
        private bool _isEnded;

        public string Operation => operation;

        public TaskCompletionSource<BlockResult> Source { get; } = new();

        public void Begin(FakePath path)
        {
            _timer = path._clock.CreateTimer(_ => Step(path), null, path.Latency(), Timeout.InfiniteTimeSpan);
            token.UnsafeRegister(_ => Cancel(path), null);
        }

        public void End(FakePath path, BlockResult result)
        {
            if (!TryEnd(path))
                return;
            Source.SetResult(result);
        }

        private bool TryEnd(FakePath path)
        {
            if (_isEnded)
                return false;
            _isEnded = true;
            _timer?.Dispose();
            path.Remove(this);
            return true;
        }

        private void Step(FakePath path)
        {
            if (!_isExecuted)
            {
                _isExecuted = true;
                execute();
                _timer!.Change(path.Latency(), Timeout.InfiniteTimeSpan);
                return;
            }

            End(path, BlockResult.Success);
        }

        private void Cancel(FakePath path)
        {
            if (TryEnd(path))
                Source.SetCanceled(token);
        }
    }
}
