namespace GuestOS.Kernel.ClosureCheck.Elf;

/// <summary>One relocation with addend.</summary>
/// <param name="Offset">Position in the section that it applies to.</param>
/// <param name="Type">R_X86_64_*.</param>
/// <param name="Symbol">Index of the symbol.</param>
/// <param name="Addend">Addend.</param>
internal readonly record struct ElfRelocation(ulong Offset, uint Type, int Symbol, long Addend)
{
    private const uint Pc32 = 2;
    private const uint Plt32 = 4;

    /// <summary>Position in the symbol's section that is meant when the symbol is a section.</summary>
    /// <param name="distanceToEnd">From the relocated bytes to the end of their instruction, which relative relocations count from.</param>
    public ulong SectionOffset(ulong distanceToEnd) => (ulong)Addend + (Type is Pc32 or Plt32 ? distanceToEnd : 0);
}
