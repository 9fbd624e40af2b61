namespace GuestOS.Services.Frame;

/// <summary>Where a service stands; the names, in lower case, are those of the <c>service</c> event.</summary>
public enum ServiceState
{
    /// <summary>The host does not offer it.</summary>
    Absent,

    /// <summary>Its channel is open; no version is agreed on yet.</summary>
    Started,

    /// <summary>It serves.</summary>
    Negotiated,

    /// <summary>Its channel is closed, or the host has taken it back.</summary>
    Stopped,

    /// <summary>It cannot serve.</summary>
    Failed,
}
