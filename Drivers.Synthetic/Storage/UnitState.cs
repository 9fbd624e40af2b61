namespace GuestOS.Drivers.Synthetic.Storage;

/// <summary>
/// What a logical unit does with a request. Follows from who holds it and why it is gone, both under the device's lock.
/// <code>
/// Serving: Held, Gone
/// Held:    Serving, Gone
/// Gone:
/// </code>
/// </summary>
internal enum UnitState
{
    /// <summary>Sends it.</summary>
    Serving,

    /// <summary>Lets it wait: somebody quiesces or suspends the device, or has. The driver's own flush passes.</summary>
    Held,

    /// <summary>Fails it: the host knows the unit no more, or the driver is about to end. For good.</summary>
    Gone,
}
