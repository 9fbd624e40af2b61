namespace GuestOS.Sandbox.VmBus;

/// <summary>Why an open channel ended.</summary>
public enum CloseReason
{
    /// <summary>The guest closed it.</summary>
    Closed,

    /// <summary>The host took the offer back.</summary>
    Rescinded,

    /// <summary>The guest contacted the host anew.</summary>
    Reset,

    /// <summary>The guest unloaded.</summary>
    Unloaded,

    /// <summary>The connection was saved; the channel may be restored.</summary>
    Saved,

    /// <summary>The host went away.</summary>
    Disposed,
}
