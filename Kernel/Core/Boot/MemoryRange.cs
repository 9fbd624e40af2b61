namespace GuestOS.Kernel.Core;

/// <summary>What firmware says of a range of physical memory. Values of ACPI's INT 15h E820 (ACPI 6.5, 15.1), which Multiboot2 and PVH share.</summary>
internal enum MemoryRangeType
{
    Usable = 1,
    Reserved = 2,
    AcpiReclaimable = 3,
    AcpiNonVolatile = 4,
    Bad = 5,
}

/// <summary>One entry of the boot protocol's memory map, in bytes.</summary>
internal struct MemoryRange
{
    public ulong Start;
    public ulong Length;
    public MemoryRangeType Type;

    public readonly ulong End => Start + Length;
}
