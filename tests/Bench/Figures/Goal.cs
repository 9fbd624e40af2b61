using System.Globalization;

namespace GuestOS.Bench.Figures;

/// <summary>What a figure is to reach.</summary>
/// <param name="Text">For people.</param>
/// <param name="IsMet">Judges the figure by its medians.</param>
internal sealed record Goal(string Text, Func<Figure, bool> IsMet)
{
    /// <summary>Our median is at most a value.</summary>
    public static Goal AtMost(double limit, string unit) =>
        new(string.Create(CultureInfo.InvariantCulture, $"≤ {limit:0.###} {unit}").TrimEnd(), figure => figure.Ours.Median <= limit);

    /// <summary>Our median is below a value.</summary>
    public static Goal Below(double limit, string unit) =>
        new(string.Create(CultureInfo.InvariantCulture, $"< {limit:0.###} {unit}").TrimEnd(), figure => figure.Ours.Median < limit);

    /// <summary>The median ratio to the peer is at most a value.</summary>
    public static Goal RatioAtMost(double limit) =>
        new(string.Create(CultureInfo.InvariantCulture, $"ratio ≤ {limit:0.###}"), figure => figure.Ratio?.Median <= limit);

    /// <summary>The median ratio to the peer is at least a value.</summary>
    public static Goal RatioAtLeast(double limit) =>
        new(string.Create(CultureInfo.InvariantCulture, $"ratio ≥ {limit:0.###}"), figure => figure.Ratio?.Median >= limit);
}
