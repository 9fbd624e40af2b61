namespace GuestOS.Kernel.ClosureCheck.Elf;

/// <summary>One symbol.</summary>
/// <param name="Name">Name; a section symbol has its section's.</param>
/// <param name="Type">Type, ELF64_ST_TYPE.</param>
/// <param name="Binding">Binding, ELF64_ST_BIND.</param>
/// <param name="Section">Index of its section; <see cref="Undefined"/> when another file defines it.</param>
/// <param name="Value">Position in its section.</param>
/// <param name="Size">Bytes; 0 when the file does not say.</param>
internal sealed record ElfSymbol(string Name, byte Type, byte Binding, int Section, ulong Value, ulong Size)
{
    /// <summary>SHN_UNDEF.</summary>
    public const int Undefined = 0;

    private const byte SectionType = 3;
    private const byte FileType = 4;
    private const int FirstReserved = 0xFF00;

    /// <summary>Stands for a section as a whole.</summary>
    public bool IsSection => Type == SectionType;

    /// <summary>Lies in a section of this file and has a name of its own.</summary>
    public bool IsDefined => Section is not Undefined and < FirstReserved && Type is not (SectionType or FileType);

    /// <summary>Visible to other files: global or weak.</summary>
    public bool IsGlobal => Binding != 0;
}
