using GuestOS.Machine.Block;

namespace GuestOS.Kernel.Handoff;

/// <summary>One way to a disk or a network, among others.</summary>
/// <param name="rank">Higher is better.</param>
/// <param name="state">What it begins as.</param>
internal abstract class HandoffPath(PathRank rank, PathState state)
{
    public PathState State { get; private set; } = state;

    /// <summary>Its device is quiesced. Touched by the switch only.</summary>
    public bool IsResting { get; set; }

    public bool IsLost => State == PathState.Lost;

    public bool IsUsable => State is PathState.Standby or PathState.Postponed or PathState.Serving;

    /// <summary>Higher is better.</summary>
    public int Score => State == PathState.Postponed ? -1 : (int)rank;

    /// <summary>The table of <see cref="PathState"/>.</summary>
    public static bool CanBecome(PathState from, PathState to) => from switch
    {
        PathState.Standby => to is PathState.Serving or PathState.Postponed or PathState.Foreign or PathState.Lost,
        PathState.Postponed => to is PathState.Standby or PathState.Serving or PathState.Lost,
        PathState.Serving => to is PathState.Standby or PathState.Lost,
        PathState.Foreign => to is PathState.Lost,
        _ => false,
    };

    /// <summary>The one place where the state changes. False, and nothing happens, when the table has no such change. Under the lock.</summary>
    public bool TryMove(PathState to)
    {
        if (!CanBecome(State, to))
            return false;
        State = to;
        return true;
    }
}
