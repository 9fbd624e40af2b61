using GuestOS.Machine.Time;

namespace GuestOS.Testing.Guests;

/// <summary>A clock that is wrong by as much as a test wants.</summary>
internal sealed class FakeWallClock(ManualTimeProvider clock) : IWallClock
{
    public TimeSpan Offset { get; set; }

    public List<string> Moves { get; } = [];

    /// <summary>Reference time less time since the start; null for a machine without a reference time.</summary>
    public TimeSpan? ReferenceOffset { get; set; } = TimeSpan.Zero;

    public DateTimeOffset UtcNow => clock.GetUtcNow() + Offset;

    public TimeSpan SlewRemaining { get; set; }

    public bool TryReadReferenceTime(out ulong units)
    {
        units = ReferenceOffset is { } offset ? (ulong)(clock.Elapsed + offset).Ticks : 0;
        return ReferenceOffset is not null;
    }

    public void Step(TimeSpan by)
    {
        Offset += by;
        SlewRemaining = default;
        Moves.Add($"step {by.TotalMilliseconds}");
    }

    public void Slew(TimeSpan by)
    {
        SlewRemaining = by;
        Moves.Add($"slew {by.TotalMilliseconds}");
    }
}
