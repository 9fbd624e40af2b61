namespace GuestOS.Kernel.ClosureCheck.Elf;

/// <summary>One section header of a relocatable ELF64 file (System V ABI, chapter 4), as far as the check needs it.</summary>
/// <param name="Index">Position in the section table.</param>
/// <param name="Name">Name.</param>
/// <param name="Type">sh_type.</param>
/// <param name="Flags">sh_flags.</param>
/// <param name="Offset">Position of the contents in the file.</param>
/// <param name="Size">Bytes of the contents; of memory for a section without contents.</param>
/// <param name="Link">sh_link.</param>
/// <param name="Info">sh_info.</param>
/// <param name="EntrySize">sh_entsize.</param>
internal sealed record ElfSection(
    int Index, string Name, uint Type, ulong Flags, ulong Offset, ulong Size, uint Link, uint Info, ulong EntrySize)
{
    /// <summary>SHT_SYMTAB.</summary>
    public const uint SymbolTable = 2;

    /// <summary>SHT_RELA.</summary>
    public const uint RelocationTable = 4;

    /// <summary>SHT_NOBITS.</summary>
    public const uint NoContents = 8;

    private const ulong WriteFlag = 1;
    private const ulong AllocFlag = 2;
    private const ulong ExecuteFlag = 4;
    private const ulong ThreadLocalFlag = 0x400;

    /// <summary>Code.</summary>
    public bool IsCode => (Flags & (AllocFlag | ExecuteFlag)) == (AllocFlag | ExecuteFlag);

    /// <summary>Data that nobody writes.</summary>
    public bool IsReadOnlyData => (Flags & (AllocFlag | WriteFlag | ExecuteFlag | ThreadLocalFlag)) == AllocFlag;

    /// <summary>Zeroed data: .bss. NativeAOT's .hydrated has no contents either, but the runtime fills it at its start.</summary>
    public bool IsZeroedData => Type == NoContents && (Flags & ThreadLocalFlag) == 0 && Name.StartsWith(".bss", StringComparison.Ordinal);
}
