using System.Globalization;
using System.Text;

namespace GuestOS.Kernel.SelfTests.Time;

/// <summary>How late timers fired, in classes that each reach to an upper bound. Thread-safe.</summary>
internal sealed class LatenessHistogram
{
    /// <summary>Upper bounds in microseconds; what is later than the last is in a class of its own.</summary>
    private static readonly long[] Bounds = [20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 1_000_000];

    private readonly long[] _counts = new long[Bounds.Length + 1];
    private readonly Lock _gate = new();

    public long Total { get; private set; }

    public long Early { get; private set; }

    /// <summary>Nanoseconds.</summary>
    public long Worst { get; private set; }

    public void Add(long nanoseconds)
    {
        lock (_gate)
        {
            Total++;
            if (nanoseconds < 0)
                Early++;
            Worst = Math.Max(Worst, nanoseconds);
            int at = 0;
            while (at < Bounds.Length && nanoseconds > Bounds[at] * 1000)
                at++;
            _counts[at]++;
        }
    }

    /// <summary>Those that were at most so late; the limit is a bound of a class.</summary>
    public long Within(TimeSpan limit)
    {
        lock (_gate)
        {
            long sum = 0;
            for (int i = 0; i < Bounds.Length && Bounds[i] <= limit.TotalMicroseconds; i++)
                sum += _counts[i];
            return sum;
        }
    }

    /// <summary>Nanoseconds within which that part of all timers fired: the upper bound of a class, or the worst.</summary>
    public long Quantile(double part)
    {
        lock (_gate)
        {
            long sum = 0;
            for (int i = 0; i < Bounds.Length; i++)
            {
                sum += _counts[i];
                if (sum >= Total * part)
                    return Math.Min(Bounds[i] * 1000, Worst);
            }

            return Worst;
        }
    }

    /// <summary><c>20us:7 50us:1 ... later:0</c>.</summary>
    public override string ToString()
    {
        lock (_gate)
        {
            var text = new StringBuilder();
            for (int i = 0; i < Bounds.Length; i++)
                text.Append(CultureInfo.InvariantCulture, $"{Bounds[i]}us:{_counts[i]} ");
            return text.Append(CultureInfo.InvariantCulture, $"later:{_counts[^1]}").ToString();
        }
    }
}
