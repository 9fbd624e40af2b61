namespace GuestOS.Bench.Figures;

/// <summary>One line of the report.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Unit">The unit of both series.</param>
/// <param name="Ours">The kernel's values.</param>
internal sealed record Figure(string Name, string Unit, Series Ours)
{
    /// <summary>The peer's values (<see cref="Report.PeerName"/>), where it has such a thing.</summary>
    public Series? Peer { get; init; }

    /// <summary>What the peer's values are, where they are not quite the same thing.</summary>
    public string PeerNote { get; init; } = "";

    /// <summary>What the figure is to reach; null when it only informs.</summary>
    public Goal? Goal { get; init; }

    /// <summary>Ours over the peer's, pair by pair.</summary>
    public Series? Ratio => Peer is null ? null : Ours.Over(Peer);

    /// <summary>Whether the goal is met; null without one.</summary>
    public bool? IsMet => Goal?.IsMet(this);
}
