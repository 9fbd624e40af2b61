using System.Runtime.InteropServices;
using GuestOS.Kernel.Handoff;
using GuestOS.Machine.Block;
using GuestOS.Machine.Queues;

namespace GuestOS.Kernel.Block.Paths;

/// <summary>
/// A disk that may be reached in several ways, and is used in one at a time: the emulated device from boot on, the synthetic one as soon
/// as it is there, the emulated one again when the other goes.
/// A change is one <see cref="RunSwitchAsync">switch</see>: new requests wait, those on their way end, the old device flushes and comes to
/// rest, and those that waited go on in their order on the new one. A request that a device failed because it is gone is one of those that
/// wait, so its issuer does not notice: none is lost, and none is carried out again after it has ended. A flush follows on the new
/// way when the old one could not do it.
/// LOCKING: <c>_lock</c> guards the paths and the queues. Devices are called, and results announced, outside of it. The switch runs
/// once at a time, from the moment the gate is held until it is open.
/// </summary>
internal sealed partial class MultipathDisk : IBlockDevice
{
    private const int LargestPool = 256;

    private readonly Lock _lock = new();
    private readonly RequestGate _gate = new();
    private readonly List<DiskPath> _paths = [];
    private LinkedQueue<PathRequest> _returned;
    private LinkedQueue<PathRequest> _waiting;
    private readonly TimeProvider _clock;
    private readonly Action<HandoffReport> _report;
    private DiskPath _current;
    private LinkedPool<PathRequest> _pool = new(LargestPool);
    private SwitchState _state;

    /// <param name="first">The way that serves at first; its name is the disk's.</param>
    /// <param name="driver">Who published it.</param>
    /// <param name="clock">Time.</param>
    /// <param name="report">Called after each change and each attempt at one.</param>
    /// <exception cref="ArgumentException">The device does not say which medium it serves.</exception>
    public MultipathDisk(IMediumPath first, string driver, TimeProvider clock, Action<HandoffReport> report)
    {
        Medium = first.Medium ?? throw new ArgumentException($"{first.Name} does not say which medium it serves.", nameof(first));
        Name = first.Name;
        _clock = clock;
        _report = report;
        _current = new DiskPath(first, driver, PathState.Serving);
        _paths.Add(_current);
    }

    public string Name { get; }

    public string Model => Current.Model;

    public string Serial => Current.Serial;

    public BlockGeometry Geometry => Current.Geometry;

    /// <summary>Which medium this is.</summary>
    public MediumIdentity Medium { get; }

    /// <summary>Whether requests wait.</summary>
    public SwitchState State
    {
        get
        {
            lock (_lock)
                return _state;
        }
    }

    /// <summary>The ways that there are.</summary>
    public IReadOnlyList<DiskPath> Paths
    {
        get
        {
            lock (_lock)
                return [.. _paths];
        }
    }

    /// <summary>The device that serves now.</summary>
    public IMediumPath Current => Volatile.Read(ref _current).Device;

    public ValueTask<BlockResult> ReadAsync(ulong block, Memory<byte> destination, CancellationToken cancellationToken = default) =>
        Start(PathRequestKind.Read, block, 0, destination, cancellationToken);

    public ValueTask<BlockResult> WriteAsync(ulong block, ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) =>
        Start(PathRequestKind.Write, block, 0, MemoryMarshal.AsMemory(source), cancellationToken);

    public ValueTask<BlockResult> FlushAsync(CancellationToken cancellationToken = default) =>
        Start(PathRequestKind.Flush, 0, 0, default, cancellationToken);

    public ValueTask<BlockResult> DiscardAsync(ulong block, ulong count, CancellationToken cancellationToken = default) =>
        Start(PathRequestKind.Discard, block, count, default, cancellationToken);

    /// <summary>A request's result was taken; it may serve again.</summary>
    public void Return(PathRequest request)
    {
        lock (_lock)
            _pool.Return(request);
    }

    /// <summary>The token of a request that waits was cancelled. One that does not wait is its device's to cancel.</summary>
    public void Cancel(PathRequest request)
    {
        lock (_lock)
        {
            request.IsCancelled = true;
            if (!_waiting.Remove(request) && !_returned.Remove(request))
                return;
        }

        request.Announce(new OperationCanceledException(request.Token));
    }

    /// <summary>What a request had issued on a path has ended.</summary>
    public void Settle(PathRequest request, DiskPath path, ValueTask<BlockResult> issued)
    {
        BlockResult result;
        try
        {
            result = issued.GetAwaiter().GetResult();
        }
        catch (Exception exception)
        {
            _gate.Leave();
            request.Announce(exception);
            return;
        }

        Settle(request, path, result);
    }

    private static ValueTask<BlockResult> Issue(
        IMediumPath device, PathRequestKind kind, ulong block, ulong count, Memory<byte> memory, CancellationToken token) => kind switch
    {
        PathRequestKind.Read => device.ReadAsync(block, memory, token),
        PathRequestKind.Write => device.WriteAsync(block, memory, token),
        PathRequestKind.Flush => device.FlushAsync(token),
        _ => device.DiscardAsync(block, count, token),
    };

    private static bool IsGone(in BlockResult result) => result.Error is { Kind: BlockErrorKind.Gone };

    private ValueTask<BlockResult> Start(PathRequestKind kind, ulong block, ulong count, Memory<byte> memory, CancellationToken token)
    {
        if (!_gate.TryEnter())
            return Wait(kind, block, count, memory, token);

        // It does not change while somebody is inside.
        DiskPath path = Volatile.Read(ref _current);
        ValueTask<BlockResult> issued;
        try
        {
            issued = Issue(path.Device, kind, block, count, memory, token);
        }
        catch
        {
            _gate.Leave();
            throw;
        }

        PathRequest request;
        ValueTask<BlockResult> task;
        if (issued.IsCompletedSuccessfully)
        {
            BlockResult result = issued.Result;
            if (!IsGone(result))
            {
                _gate.Leave();
                return new(result);
            }

            request = Rent();
            request.Fill(kind, block, count, memory, token);
            task = request.Task;
            Settle(request, path, result);
            return task;
        }

        request = Rent();
        request.Fill(kind, block, count, memory, token);
        task = request.Task;
        request.Watch(path, issued);
        return task;
    }

    /// <summary>The gate is held, or was a moment ago.</summary>
    private ValueTask<BlockResult> Wait(PathRequestKind kind, ulong block, ulong count, Memory<byte> memory, CancellationToken token)
    {
        if (token.IsCancellationRequested)
            return ValueTask.FromCanceled<BlockResult>(token);
        PathRequest request = Rent();
        request.Fill(kind, block, count, memory, token);
        ValueTask<BlockResult> task = request.Task;
        request.WatchToken();
        bool isCancelled, isStarted = false;
        lock (_lock)
        {
            isCancelled = request.IsCancelled;
            if (!isCancelled)
            {
                // The switch that held the gate may have ended meanwhile; then one that changes nothing lets the request in.
                _waiting.Enqueue(request);
                isStarted = BeginSwitch();
            }
        }

        if (isCancelled)
            request.Announce(new OperationCanceledException(token));
        if (isStarted)
            _ = RunSwitchAsync();
        return task;
    }

    private void Settle(PathRequest request, DiskPath path, in BlockResult result)
    {
        if (IsGone(result) && TryTakeBack(request, path))
            return;
        _gate.Leave();
        request.Announce(result);
    }

    /// <summary>
    /// A device failed the request because it is gone. When another way is left the request waits for that, unless it was cancelled meanwhile.
    /// </summary>
    private bool TryTakeBack(PathRequest request, DiskPath path)
    {
        request.WatchToken();
        bool isTaken, isStarted = false;
        lock (_lock)
        {
            path.TryMove(PathState.Lost);
            isTaken = !request.IsCancelled && FindBest() is not null;
            if (isTaken)
            {
                _returned.Enqueue(request);
                isStarted = BeginSwitch();
            }
        }

        if (!isTaken)
        {
            request.ForgetToken();
            if (!request.IsCancelled)
                return false;
            _gate.Leave();
            request.Announce(new OperationCanceledException(request.Token));
            return true;
        }

        _gate.Leave();
        if (isStarted)
            _ = RunSwitchAsync();
        return true;
    }

    private PathRequest Rent()
    {
        lock (_lock)
        {
            if (_pool.Rent() is { } request)
                return request;
        }

        return new PathRequest(this);
    }
}
