namespace GuestOS.Drivers.Synthetic.Network;

/// <summary>
/// Who has the page of a control message. Under the lock of <see cref="RndisControl"/>; changed by <see cref="ControlRequest.Move"/> alone.
/// <code>
/// Free:      Unsent
/// Unsent:    WithHost (sent), Abandoned (sent, and nobody waits for an answer), Free (given up, or nobody waits and there is no room)
/// WithHost:  LetGo (completed), Abandoned (the issuer has left)
/// LetGo:     Free (the issuer has left)
/// Abandoned: Free (completed)
/// </code>
/// So a page is used again only when both its issuer and the host have let go of it, in whatever order they do.
/// </summary>
internal enum PageState
{
    Free,

    /// <summary>Filled in; goes out when there is room.</summary>
    Unsent,

    /// <summary>The host may read it. Its issuer waits, or has the answer and is about to leave.</summary>
    WithHost,

    /// <summary>The host has let go of it. Its issuer waits, or is about to leave.</summary>
    LetGo,

    /// <summary>The host may read it; nobody waits. For good when the channel ended without the host letting go.</summary>
    Abandoned,
}
