namespace GuestOS.Bench.Figures;

/// <summary>Repeated measurements of one quantity, in the order in which they were taken.</summary>
internal sealed class Series
{
    private readonly List<double> _values;

    /// <summary>A series of values; at least one.</summary>
    public Series(IEnumerable<double> values)
    {
        _values = [.. values];
        ArgumentOutOfRangeException.ThrowIfZero(_values.Count);
    }

    /// <summary>A quantity that does not vary.</summary>
    public Series(double value)
        : this([value])
    {
    }

    public IReadOnlyList<double> Values => _values;

    public double Least => _values.Min();

    public double Most => _values.Max();

    /// <summary>The middle value; with an even count the mean of the two in the middle.</summary>
    public double Median
    {
        get
        {
            var sorted = _values.Order().ToList();
            var middle = sorted.Count / 2;
            return sorted.Count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        }
    }

    /// <summary>
    /// This series over another, pair by pair: both of a pair were measured one right after the other, so what the machine was busy with
    /// weighs on both.
    /// </summary>
    public Series Over(Series other)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(other._values.Count, _values.Count);
        return new Series(_values.Zip(other._values, (ours, theirs) => ours / theirs));
    }
}
