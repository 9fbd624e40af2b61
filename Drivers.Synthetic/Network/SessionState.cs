namespace GuestOS.Drivers.Synthetic.Network;

/// <summary>
/// Where one opening of an adapter is in its life. Changed by <c>NetvscSession.TryMove</c> alone, which makes these changes and no other:
/// <code>
/// SettingUp: Open (agreed with the host), Ended, Closed (the host refuses, or does not answer)
/// Open:      Ended, Closed (suspend, detach)
/// Ended:     Closed
/// Closed:
/// </code>
/// </summary>
internal enum SessionState
{
    /// <summary>The channel is being opened, and the protocol agreed on.</summary>
    SettingUp,

    /// <summary>Frames may flow.</summary>
    Open,

    /// <summary>The channel has ended on its own: the host took it back, or it broke.</summary>
    Ended,

    /// <summary>It is being closed, or was: the channel's end is no surprise.</summary>
    Closed,
}
