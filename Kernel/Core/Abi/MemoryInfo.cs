using System.Runtime.InteropServices;

namespace GuestOS.Kernel.Core;

/// <summary>Where the memory is at this moment, in bytes. The parts need not add up exactly: they are read one after another.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct MemoryInfo
{
    /// <summary>Usable memory as the boot protocol's map gives it.</summary>
    public ulong Total;

    /// <summary>Free pages.</summary>
    public ulong Free;

    /// <summary>The image, its page tables, per-processor areas and other pages that stay with the kernel.</summary>
    public ulong Kernel;

    /// <summary>Pages behind the runtime's mappings: heap, stacks, tables.</summary>
    public ulong Mapped;

    /// <summary>Contiguous memory given out for devices.</summary>
    public ulong Dma;

    /// <summary>Address space reserved by mappings, present or not.</summary>
    public ulong Reserved;

    /// <summary>Longest free run of contiguous pages.</summary>
    public ulong LargestFree;

    /// <summary>Heap hard limit that the runtime was given.</summary>
    public ulong HeapLimit;

    /// <summary>Page faults that made a page present.</summary>
    public ulong PageFaults;
}
