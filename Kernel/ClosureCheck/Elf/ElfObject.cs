using System.Buffers.Binary;
using System.Text;

namespace GuestOS.Kernel.ClosureCheck.Elf;

/// <summary>A relocatable ELF64 file for x86-64, read whole. A file that is anything else throws <see cref="InvalidDataException"/>.</summary>
internal sealed class ElfObject
{
    private const int HeaderSize = 64;
    private const int SectionHeaderSize = 64;
    private const int SymbolSize = 24;
    private const int RelocationSize = 24;
    private const ushort RelocatableFile = 1;
    private const ushort MachineX64 = 62;

    private readonly byte[] _bytes;
    private readonly Dictionary<int, ElfRelocation[]> _relocations = [];

    /// <summary>Parses a file's contents.</summary>
    public ElfObject(byte[] bytes)
    {
        _bytes = bytes;
        Require(bytes.Length >= HeaderSize, "shorter than an ELF header");
        Require(U32(0) == 0x464C_457F && bytes[4] == 2 && bytes[5] == 1, "not a little-endian ELF64 file");
        Require(U16(16) == RelocatableFile && U16(18) == MachineX64, "not a relocatable file for x86-64");
        Sections = ReadSections();
        Symbols = ReadSymbols();
    }

    /// <summary>All sections, by index.</summary>
    public IReadOnlyList<ElfSection> Sections { get; }

    /// <summary>All symbols, by index.</summary>
    public IReadOnlyList<ElfSymbol> Symbols { get; }

    /// <summary>Reads and parses a file.</summary>
    public static ElfObject Load(string path)
    {
        try
        {
            return new ElfObject(File.ReadAllBytes(path));
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException($"{path}: {exception.Message}", exception);
        }
    }

    /// <summary>Contents of a section; empty when it has none in the file.</summary>
    public ReadOnlySpan<byte> Contents(ElfSection section)
        => section.Type == ElfSection.NoContents ? [] : Slice(section.Offset, section.Size);

    /// <summary>Relocations that apply to a section, in order of their position.</summary>
    public ReadOnlySpan<ElfRelocation> Relocations(ElfSection section)
    {
        if (!_relocations.TryGetValue(section.Index, out ElfRelocation[]? relocations))
        {
            relocations = [.. Sections
                .Where(table => table.Type == ElfSection.RelocationTable && table.Info == section.Index)
                .SelectMany(ReadRelocations)
                .OrderBy(relocation => relocation.Offset)];
            _relocations.Add(section.Index, relocations);
        }

        return relocations;
    }

    /// <summary>Relocations within [start, end) of a section.</summary>
    public ReadOnlySpan<ElfRelocation> Relocations(ElfSection section, ulong start, ulong end)
    {
        ReadOnlySpan<ElfRelocation> all = Relocations(section);
        int first = LowerBound(all, start);
        int last = LowerBound(all, end);
        return all[first..last];
    }

    private static int LowerBound(ReadOnlySpan<ElfRelocation> relocations, ulong offset)
    {
        int low = 0;
        int high = relocations.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (relocations[middle].Offset < offset)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private static void Require(bool condition, string problem)
    {
        if (!condition)
            throw new InvalidDataException(problem);
    }

    private static bool IsInside(ElfSymbol symbol, ElfSection section)
        => symbol.Value <= section.Size && symbol.Size <= section.Size - symbol.Value;

    private ElfSection[] ReadSections()
    {
        ulong table = U64(40);
        int count = U16(60);
        int names = U16(62);
        Require(U16(58) == SectionHeaderSize && count > 0 && names < count, "no usable section table");
        ReadOnlySpan<byte> headers = Slice(table, (ulong)count * SectionHeaderSize);
        var sections = new ElfSection[count];
        int namesAt = (int)table + names * SectionHeaderSize;
        ReadOnlySpan<byte> nameBytes = Slice(U64(namesAt + 24), U64(namesAt + 32));
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> header = headers.Slice(i * SectionHeaderSize, SectionHeaderSize);
            sections[i] = new ElfSection(
                i,
                Text(nameBytes, BinaryPrimitives.ReadUInt32LittleEndian(header)),
                BinaryPrimitives.ReadUInt32LittleEndian(header[4..]),
                BinaryPrimitives.ReadUInt64LittleEndian(header[8..]),
                BinaryPrimitives.ReadUInt64LittleEndian(header[24..]),
                BinaryPrimitives.ReadUInt64LittleEndian(header[32..]),
                BinaryPrimitives.ReadUInt32LittleEndian(header[40..]),
                BinaryPrimitives.ReadUInt32LittleEndian(header[44..]),
                BinaryPrimitives.ReadUInt64LittleEndian(header[56..]));
        }

        return sections;
    }

    private ElfSymbol[] ReadSymbols()
    {
        ElfSection? table = Sections.FirstOrDefault(section => section.Type == ElfSection.SymbolTable);
        if (table is null)
            return [];
        Require(table.EntrySize == SymbolSize && table.Link < Sections.Count, "malformed symbol table");
        ReadOnlySpan<byte> entries = Contents(table);
        ReadOnlySpan<byte> names = Contents(Sections[(int)table.Link]);
        var symbols = new ElfSymbol[entries.Length / SymbolSize];
        for (int i = 0; i < symbols.Length; i++)
        {
            ReadOnlySpan<byte> entry = entries.Slice(i * SymbolSize, SymbolSize);
            int section = BinaryPrimitives.ReadUInt16LittleEndian(entry[6..]);
            var symbol = new ElfSymbol(
                Text(names, BinaryPrimitives.ReadUInt32LittleEndian(entry)),
                (byte)(entry[4] & 0xF),
                (byte)(entry[4] >> 4),
                section,
                BinaryPrimitives.ReadUInt64LittleEndian(entry[8..]),
                BinaryPrimitives.ReadUInt64LittleEndian(entry[16..]));
            if (symbol.IsSection && section < Sections.Count)
                symbol = symbol with { Name = Sections[section].Name };
            Require(!symbol.IsDefined || section < Sections.Count, "symbol in a section that does not exist");
            Require(!symbol.IsDefined || IsInside(symbol, Sections[section]), "symbol outside its section");
            symbols[i] = symbol;
        }

        return symbols;
    }

    private ElfRelocation[] ReadRelocations(ElfSection table)
    {
        Require(table.EntrySize == RelocationSize, "malformed relocation table");
        ReadOnlySpan<byte> entries = Contents(table);
        var relocations = new ElfRelocation[entries.Length / RelocationSize];
        for (int i = 0; i < relocations.Length; i++)
        {
            ReadOnlySpan<byte> entry = entries.Slice(i * RelocationSize, RelocationSize);
            ulong info = BinaryPrimitives.ReadUInt64LittleEndian(entry[8..]);
            Require(info >> 32 < (ulong)Symbols.Count, "relocation by a symbol that does not exist");
            relocations[i] = new ElfRelocation(
                BinaryPrimitives.ReadUInt64LittleEndian(entry), (uint)info, (int)(info >> 32), BinaryPrimitives.ReadInt64LittleEndian(entry[16..]));
        }

        return relocations;
    }

    private ReadOnlySpan<byte> Slice(ulong offset, ulong length)
    {
        Require(offset <= (ulong)_bytes.Length && length <= (ulong)_bytes.Length - offset, "contents outside the file");
        return _bytes.AsSpan((int)offset, (int)length);
    }

    private static string Text(ReadOnlySpan<byte> names, uint offset)
    {
        Require(offset < names.Length || offset == 0, "name outside its table");
        ReadOnlySpan<byte> name = names[(int)offset..];
        int end = name.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? name : name[..end]);
    }

    private ushort U16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(Slice((ulong)offset, 2));

    private uint U32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(Slice((ulong)offset, 4));

    private ulong U64(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(Slice((ulong)offset, 8));
}
