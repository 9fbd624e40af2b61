namespace GuestOS.Drivers.Synthetic.Storage;

/// <summary>
/// Where the driver of a storage device is in its life. Changed under the controller's lock by <c>StorvscController.TryMove</c>, which makes
/// these changes and no other:
/// <code>
/// Closed:   Opening (attach, resume), Detached
/// Opening:  Open (agreed with the host), Closed (refused, not answered, rescinded), Detached
/// Open:     Started (logical units were looked for), Closed (suspend), Failed (late commands, broken ring), Detached
/// Started:  Closed (suspend), Failed (late commands, broken ring), Detached
/// Failed:   Closed (suspend), Detached
/// Detached:
/// </code>
/// A rescind ends the channel and with it every command; the state follows when the kernel detaches the driver.
/// </summary>
internal enum StorvscState
{
    /// <summary>The channel is closed: before attach, and while suspended.</summary>
    Closed,

    /// <summary>The channel is being opened, and the protocol agreed on.</summary>
    Opening,

    /// <summary>Commands can be sent. Wishes for a look at the bus wait.</summary>
    Open,

    /// <summary>What changes on the bus is followed.</summary>
    Started,

    /// <summary>The host's side does not work any more; the channel is closed, or about to be.</summary>
    Failed,

    /// <summary>The driver has let go of the device, or is about to, for good.</summary>
    Detached,
}

/// <summary>The table of <see cref="StorvscState"/>.</summary>
internal static class StorvscStates
{
    public static bool CanBecome(this StorvscState from, StorvscState to) => from switch
    {
        StorvscState.Closed => to is StorvscState.Opening or StorvscState.Detached,
        StorvscState.Opening => to is StorvscState.Open or StorvscState.Closed or StorvscState.Detached,
        StorvscState.Open => to is StorvscState.Started or StorvscState.Closed or StorvscState.Failed or StorvscState.Detached,
        StorvscState.Started => to is StorvscState.Closed or StorvscState.Failed or StorvscState.Detached,
        StorvscState.Failed => to is StorvscState.Closed or StorvscState.Detached,
        _ => false,
    };
}
