using System.Runtime.InteropServices;

namespace GuestOS.Kernel.Core;

/// <summary>Where the memory is at this moment, in bytes. The parts need not add up exactly: they are read one after another.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct MemoryInfo
{
    /// <summary>Usable memory as the boot protocol's map gives it, and what the host added later.</summary>
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

    /// <summary>Heap hard limit that the runtime was given at its start.</summary>
    public ulong HeapLimit;

    /// <summary>Page faults that made a page present.</summary>
    public ulong PageFaults;

    /// <summary>Taken out of use: the host has it.</summary>
    public ulong Ballooned;

    /// <summary>Added by the host while the machine runs; part of <see cref="Total"/>.</summary>
    public ulong HotAdded;

    /// <summary>
    /// In use or promised: everything but free and ballooned pages, and the pages that the runtime has committed and not touched yet.
    /// Stacks count as far as they were touched.
    /// </summary>
    public ulong Committed;

    /// <summary>Memory that the runtime has committed, touched or not; stacks do not count.</summary>
    public ulong Promised;
}
