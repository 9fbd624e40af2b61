namespace GuestOS.Services.Protocol;

/// <summary>What a time message is for.</summary>
[Flags]
public enum TimeSyncFlags : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Set the clock now.</summary>
    Sync = 1,

    /// <summary>One observation for the clock's discipline.</summary>
    Sample = 2,
}
