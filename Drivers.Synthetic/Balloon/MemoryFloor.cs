using GuestOS.Machine.Memory;

namespace GuestOS.Drivers.Synthetic.Balloon;

/// <summary>
/// How much memory a machine keeps free whatever the host asks for: the rule of Linux's balloon driver (compute_balloon_floor), which
/// hosts are used to. A part that is fixed and a share of the memory; the larger the machine, the smaller the share.
/// </summary>
internal static class MemoryFloor
{
    private const ulong MiB = (1 << 20) / PageRange.PageSize;

    /// <summary>The floor of a machine, both in pages.</summary>
    public static ulong Of(ulong totalPages) => totalPages switch
    {
        < 128 * MiB => (8 * MiB) + (totalPages / 2),
        < 512 * MiB => (40 * MiB) + (totalPages / 4),
        < 2048 * MiB => (104 * MiB) + (totalPages / 8),
        < 8192 * MiB => (232 * MiB) + (totalPages / 16),
        _ => (488 * MiB) + (totalPages / 32),
    };
}
