using System.Diagnostics;
using System.Globalization;

namespace GuestOS.Kernel.SelfTests.Time;

/// <summary>
/// Threads that read the clock and show each other how late it is: no reading may be earlier than one that was shown before it was made.
/// </summary>
internal sealed class ClockReaders
{
    // Showing costs a contended write; what was shown is looked at before every reading.
    private const int ReadsPerShow = 8;

    private readonly Thread[] _threads;
    private readonly Func<long> _now;
    private long _latest;
    private long _reads;
    private long _backwards;
    private long _worst;
    private int _isOver;

    /// <param name="count">Threads; one of them reads against itself.</param>
    /// <param name="now">The clock in ticks of <see cref="Stopwatch"/>; the machine's own when null.</param>
    public ClockReaders(int count, Func<long>? now = null)
    {
        _now = now ?? Stopwatch.GetTimestamp;
        _threads = new Thread[count];
        for (int i = 0; i < count; i++)
            _threads[i] = new Thread(Run) { Name = string.Create(CultureInfo.InvariantCulture, $"clock {i}"), IsBackground = true };
    }

    public int Count => _threads.Length;

    public long Reads => Interlocked.Read(ref _reads);

    /// <summary>Readings that were earlier than one shown before.</summary>
    public long Backwards => Interlocked.Read(ref _backwards);

    /// <summary>The largest such step in nanoseconds.</summary>
    public long WorstStep => (long)(Interlocked.Read(ref _worst) * (1e9 / Stopwatch.Frequency));

    public void Start() => Array.ForEach(_threads, thread => thread.Start());

    public void Stop()
    {
        Volatile.Write(ref _isOver, 1);
        Array.ForEach(_threads, thread => thread.Join());
    }

    /// <summary>One round of readings; part of each thread's work.</summary>
    internal void ReadRound()
    {
        long own = 0;
        for (int i = 0; i < ReadsPerShow; i++)
        {
            long shown = Math.Max(own, Volatile.Read(ref _latest));
            own = _now();
            if (own < shown)
                Report(shown - own);
        }

        Interlocked.Add(ref _reads, ReadsPerShow);
        Raise(ref _latest, own);
    }

    private void Run()
    {
        while (Volatile.Read(ref _isOver) == 0)
            ReadRound();
    }

    private void Report(long step)
    {
        Interlocked.Increment(ref _backwards);
        Raise(ref _worst, step);
    }

    private static void Raise(ref long place, long value)
    {
        long seen = Volatile.Read(ref place);
        while (value > seen)
        {
            long before = Interlocked.CompareExchange(ref place, value, seen);
            if (before == seen)
                return;
            seen = before;
        }
    }
}
