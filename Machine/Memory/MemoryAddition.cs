namespace GuestOS.Machine.Memory;

/// <summary>What became of memory that was to be added.</summary>
public enum MemoryAddition
{
    /// <summary>All of it is in use.</summary>
    Added,

    /// <summary>Some or nothing of it, and it will never be more: something is there already, it is out of reach, or badly aligned.</summary>
    Refused,

    /// <summary>Some or nothing of it; there is no memory for tables at present.</summary>
    NotNow,
}
