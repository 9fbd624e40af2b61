namespace GuestOS.Drivers.VmBus.Channels;

/// <summary>What became of memory that was shared.</summary>
public enum GpadlEnd
{
    /// <summary>The host has let go of it: it may be used again.</summary>
    Free,

    /// <summary>The host did not say so. The memory must never be used again, nor freed.</summary>
    Leaked,
}
