namespace GuestOS.Drivers.Synthetic.Storage;

/// <summary>
/// Whether a look at the bus is wanted or under way. Under the controller's lock.
/// <code>
/// None:             Wanted (while not started), Running (while started)
/// Wanted:           Running (start, resume)
/// Running:          RunningAndWanted, None (it has ended)
/// RunningAndWanted: Running (it has ended), Wanted (it has ended, and the driver is not started any more)
/// </code>
/// </summary>
internal enum LookState
{
    None,

    /// <summary>Waits for the driver to be started.</summary>
    Wanted,

    Running,

    /// <summary>However often one is wanted meanwhile, one more follows.</summary>
    RunningAndWanted,
}
