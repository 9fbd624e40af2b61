namespace GuestOS.Sandbox.Integration;

/// <summary>Where the host is with an integration component.</summary>
public enum IntegrationState
{
    /// <summary>The channel is not open.</summary>
    Closed,

    /// <summary>Waits for the guest's choice of versions.</summary>
    Negotiating,

    /// <summary>Versions are agreed on.</summary>
    Ready,

    /// <summary>No version is common, or the guest chose one that was not offered.</summary>
    Failed,
}
