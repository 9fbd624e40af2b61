using System.Collections.Concurrent;
using GuestOS.Kernel.Core;
using GuestOS.Kernel.Hardware;

namespace GuestOS.Kernel.Tests.Fakes;

/// <summary>Processors without hardware: affinity is noted for each thread, vectors come when a test raises them.</summary>
internal sealed class FakeProcessorControl(int count) : IProcessorControl
{
    private readonly ConcurrentDictionary<Thread, ulong> _affinity = new();
    private readonly ConcurrentDictionary<(byte Vector, int Processor), BlockingCollection<int>> _pending = new();
    private byte _next = 0x40;
    private int _entries;
    private int _raised;

    public int Count => count;

    public int Current => Affinity == ulong.MaxValue ? 0 : (int)ulong.TrailingZeroCount(Affinity);

    /// <summary>Where the calling thread may run.</summary>
    public ulong Affinity => _affinity.GetValueOrDefault(Thread.CurrentThread, ulong.MaxValue);

    /// <summary>Changes of affinity: entries into the kernel.</summary>
    public int Entries => Volatile.Read(ref _entries);

    public int RaisedThreads => Volatile.Read(ref _raised);

    public bool HasVectors { get; init; } = true;

    public ConcurrentQueue<byte> Closed { get; } = [];

    public bool? LastEndsItself { get; private set; }

    public ulong ExchangeAffinity(ulong mask)
    {
        Interlocked.Increment(ref _entries);
        ulong before = Affinity;
        _affinity[Thread.CurrentThread] = mask;
        return before;
    }

    public void RaiseThreadPriority() => Interlocked.Increment(ref _raised);

    public byte OpenVector(bool endsItself)
    {
        if (!HasVectors)
            throw new KernelCallException(KernelCall.VectorOpen, 24);
        LastEndsItself = endsItself;
        for (int i = 0; i < count; i++)
            _pending[(_next, i)] = [];
        return _next++;
    }

    public long WaitForVector(byte vector)
    {
        // A thread that is not bound to one processor has no business here: the kernel refuses it.
        if (!ulong.IsPow2(Affinity))
            throw new KernelCallException(KernelCall.VectorWait, 22);
        return _pending[(vector, Current)].TryTake(out int times, Timeout.Infinite) ? times : 0;
    }

    public void CloseVector(byte vector)
    {
        Closed.Enqueue(vector);
        for (int i = 0; i < count; i++)
            _pending[(vector, i)].CompleteAdding();
    }

    public void Raise(byte vector, int processor) => _pending[(vector, processor)].Add(1);
}
