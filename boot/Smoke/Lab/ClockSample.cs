namespace GuestOS.Boot.Smoke.Lab;

/// <summary>A reading of the guest's clock between two of its host's.</summary>
/// <param name="Before">The host's clock before.</param>
/// <param name="Guest">The guest's clock, from wherever it counts.</param>
/// <param name="After">The host's clock after.</param>
internal sealed record ClockSample(DateTimeOffset Before, TimeSpan Guest, DateTimeOffset After)
{
    /// <summary>How far apart the host's readings are: what is not known of the moment of the guest's.</summary>
    public TimeSpan Width => After - Before;

    private DateTimeOffset Host => Before + (Width / 2);

    /// <summary>How much the guest's clock has gained on the host's since another sample.</summary>
    /// <param name="first">The other, before this one.</param>
    /// <returns>Parts per million, negative when the guest's clock is slow; and by how much that may be wrong, whatever the delays were.</returns>
    public (double Drift, double Uncertainty) DriftSince(ClockSample first)
    {
        var lasted = Host - first.Host;
        return (((Guest - first.Guest) / lasted - 1) * 1e6, (Width + first.Width) / 2 / lasted * 1e6);
    }
}
