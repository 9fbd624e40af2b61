namespace GuestOS.Boot.Smoke.Lab;

/// <summary>
/// Compares a guest's clock with its host's by readings that were taken one after the other: the guest's first, then the host's. What lies between
/// is the difference of the clocks and a delay, which is never negative, so that the least of many is nearest to the truth.
/// </summary>
internal sealed class ClockComparison
{
    private readonly List<(double Guest, double Host)> _pairs = [];

    /// <summary>Pairs so far.</summary>
    public int Count => _pairs.Count;

    /// <summary>Adds a pair of readings.</summary>
    /// <param name="guestNanoseconds">The guest's clock, from wherever it counts.</param>
    /// <param name="host">The host's clock, no earlier.</param>
    public void Add(long guestNanoseconds, DateTimeOffset host) => _pairs.Add((guestNanoseconds, (host - DateTimeOffset.UnixEpoch).TotalNanoseconds));

    /// <summary>How much the guest's clock gains on the host's: the least delays of the first and of the last third are compared. Needs six pairs.</summary>
    /// <returns>Parts per million; negative when the guest's clock is slow.</returns>
    public double DriftPpm()
    {
        if (_pairs.Count < 6)
            throw new InvalidOperationException($"{_pairs.Count} pairs of readings are too few");
        var third = _pairs.Count / 3;
        var first = _pairs.Take(third).MinBy(Delay);
        var last = _pairs.TakeLast(third).MinBy(Delay);
        return (Delay(first) - Delay(last)) / (last.Guest - first.Guest) * 1e6;
    }

    private static double Delay((double Guest, double Host) pair) => pair.Host - pair.Guest;
}
