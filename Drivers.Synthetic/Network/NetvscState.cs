namespace GuestOS.Drivers.Synthetic.Network;

/// <summary>
/// Whether the driver of an adapter has published it. What the adapter itself does is <see cref="AdapterState"/>.
/// <code>
/// Bound:    Started, Detached
/// Started:  Detached
/// Detached:
/// </code>
/// </summary>
internal enum NetvscState
{
    /// <summary>Nobody knows of the adapter yet.</summary>
    Bound,

    /// <summary>It is published, suspended or not.</summary>
    Started,

    /// <summary>The driver has let go of it, or is about to, for good.</summary>
    Detached,
}
