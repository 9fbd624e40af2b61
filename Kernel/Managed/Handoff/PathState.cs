namespace GuestOS.Kernel.Handoff;

/// <summary>
/// What is known of one way to a disk or a network. Changed under the lock of the disk or interface, by <see cref="HandoffPath.TryMove"/>
/// alone, which makes these changes and no other:
/// <code>
/// Standby:   Serving (took over), Postponed (could not take over), Foreign (compared), Lost
/// Postponed: Standby (some time has passed), Serving (nothing else was left), Lost
/// Serving:   Standby (another took over), Lost
/// Foreign:   Lost
/// Lost:
/// </code>
/// </summary>
internal enum PathState
{
    /// <summary>It may serve.</summary>
    Standby,

    /// <summary>The one that served could not be left for it. It is used when nothing else is left, or is tried again later.</summary>
    Postponed,

    /// <summary>Requests go to it.</summary>
    Serving,

    /// <summary>It serves another medium than it says. It is never used. Disks only.</summary>
    Foreign,

    /// <summary>It has failed a request because it is gone, did not wake up, or was withdrawn. It never comes back; a new device may.</summary>
    Lost,
}
