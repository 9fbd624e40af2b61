namespace GuestOS.Sandbox.DynamicMemory;

/// <summary>Where the host is with a guest.</summary>
public enum DynamicMemoryState
{
    /// <summary>The channel is not open.</summary>
    Closed,

    /// <summary>Waits for VERSION_REQUEST.</summary>
    Version,

    /// <summary>Waits for CAPABILITIES_REPORT.</summary>
    Capabilities,

    /// <summary>Asks nothing.</summary>
    Idle,

    /// <summary>Waits for BALLOON_RESPONSE.</summary>
    Ballooning,

    /// <summary>Waits for UNBALLOON_RESPONSE.</summary>
    Unballooning,

    /// <summary>Waits for HOT_ADD_RESPONSE.</summary>
    HotAdding,
}
