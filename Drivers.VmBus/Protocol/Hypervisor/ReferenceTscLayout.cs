namespace GuestOS.Drivers.VmBus.Protocol.Hypervisor;

/// <summary>The reference TSC page (offsets in bytes; TLFS 12.7).</summary>
public static class ReferenceTscLayout
{
    /// <summary>u32; 0 means that the page is not valid.</summary>
    public const int Sequence = 0;

    /// <summary>u64: units of 100 ns / 2^64 per tick.</summary>
    public const int Scale = 8;

    /// <summary>s64, 100 ns.</summary>
    public const int Offset = 16;

    /// <summary>The sequence of a page that is not valid.</summary>
    public const uint Invalid = 0;
}
