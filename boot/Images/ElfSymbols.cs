using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace GuestOS.Boot.Images;

/// <summary>Names of a linked kernel's functions by address: for the return addresses that a panic reports.</summary>
internal sealed class ElfSymbols
{
    private const int SectionHeaderOffset = 0x28;
    private const int SectionHeaderCount = 0x3C;
    private const int SectionHeaderSize = 64;
    private const uint SectionSymbols = 2;
    private const int SymbolSize = 24;
    private const int TypeFunction = 2;
    private const int TypeNone = 0;

    private readonly List<(ulong Address, string Name)> _functions = [];

    private ElfSymbols()
    {
    }

    /// <summary>Reads the symbol table (System V ABI, chapter 4) of a kernel that still has one; null when the file is not there or has none.</summary>
    /// <param name="path">guestos.elf.debug; null when nobody knows where it is.</param>
    public static ElfSymbols? TryLoad(string? path)
    {
        if (!File.Exists(path))
            return null;
        ReadOnlySpan<byte> file = File.ReadAllBytes(path);
        if (!ElfFile.HasMagic(file) || file.Length < SectionHeaderSize)
            return null;
        var symbols = new ElfSymbols();
        var headers = BinaryPrimitives.ReadUInt64LittleEndian(file[SectionHeaderOffset..]);
        var count = BinaryPrimitives.ReadUInt16LittleEndian(file[SectionHeaderCount..]);
        for (var i = 0; i < count; i++)
        {
            var header = Section(file, headers, i);
            if (header.IsEmpty || BinaryPrimitives.ReadUInt32LittleEndian(header[4..]) != SectionSymbols)
                continue;
            var names = Content(file, Section(file, headers, (int)BinaryPrimitives.ReadUInt32LittleEndian(header[40..])));
            symbols.Read(Content(file, header), names);
        }

        symbols._functions.Sort((left, right) => left.Address.CompareTo(right.Address));
        return symbols._functions.Count == 0 ? null : symbols;
    }

    /// <summary>The function that holds an address, with the distance from its start; the bare address outside of all.</summary>
    public string Describe(ulong address)
    {
        var index = _functions.BinarySearch((address, ""), Comparer<(ulong Address, string)>.Create((left, right) => left.Address.CompareTo(right.Address)));
        if (index < 0)
            index = ~index - 1;
        return index < 0
            ? string.Create(CultureInfo.InvariantCulture, $"0x{address:x}")
            : string.Create(CultureInfo.InvariantCulture, $"0x{address:x} {_functions[index].Name}+0x{address - _functions[index].Address:x}");
    }

    /// <summary>Describes the <c>frames</c> member of a panic event, a line each.</summary>
    public IEnumerable<string> DescribeFrames(string frames)
    {
        foreach (var word in frames.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (ulong.TryParse(word, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var address))
                yield return Describe(address);
        }
    }

    private static ReadOnlySpan<byte> Section(ReadOnlySpan<byte> file, ulong headers, int index)
    {
        var start = headers + (ulong)index * SectionHeaderSize;
        return start + SectionHeaderSize <= (ulong)file.Length ? file.Slice((int)start, SectionHeaderSize) : default;
    }

    private static ReadOnlySpan<byte> Content(ReadOnlySpan<byte> file, ReadOnlySpan<byte> header)
    {
        if (header.IsEmpty)
            return default;
        var offset = BinaryPrimitives.ReadUInt64LittleEndian(header[24..]);
        var size = BinaryPrimitives.ReadUInt64LittleEndian(header[32..]);
        return offset <= (ulong)file.Length && size <= (ulong)file.Length - offset ? file.Slice((int)offset, (int)size) : default;
    }

    private void Read(ReadOnlySpan<byte> table, ReadOnlySpan<byte> names)
    {
        for (; table.Length >= SymbolSize; table = table[SymbolSize..])
        {
            // Assembly labels have no type.
            var isDefined = BinaryPrimitives.ReadUInt16LittleEndian(table[6..]) != 0;
            if (!isDefined || (table[4] & 15) is not (TypeFunction or TypeNone))
                continue;
            var name = BinaryPrimitives.ReadUInt32LittleEndian(table);
            if (name == 0 || name >= (uint)names.Length)
                continue;
            var text = names[(int)name..];
            var end = text.IndexOf((byte)0);
            if (end > 0)
                _functions.Add((BinaryPrimitives.ReadUInt64LittleEndian(table[8..]), Encoding.UTF8.GetString(text[..end])));
        }
    }
}
