namespace GuestOS.Drivers.Synthetic.Network;

/// <summary>
/// What an adapter does with a frame to be sent. Follows from its session, who holds it and why it is gone, all under the adapter's lock.
/// <code>
/// Held:    Flowing (the last hold is off), Gone
/// Flowing: Held, Gone
/// Gone:
/// </code>
/// </summary>
internal enum AdapterState
{
    /// <summary>Lets it wait: the channel is not open, or somebody quiesces or suspends the adapter, or has.</summary>
    Held,

    /// <summary>Gives it to the host, after those that wait for room.</summary>
    Flowing,

    /// <summary>Fails it: the host has taken the adapter back, its channel broke, or the driver has let go of it. For good.</summary>
    Gone,
}
