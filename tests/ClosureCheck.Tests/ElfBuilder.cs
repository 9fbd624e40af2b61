using System.Buffers.Binary;
using System.Text;
using GuestOS.Kernel.ClosureCheck.Elf;

namespace GuestOS.Kernel.ClosureCheck.Tests;

/// <summary>Writes small relocatable ELF64 files: constants are literals of the System V ABI and its x86-64 supplement.</summary>
internal sealed class ElfBuilder
{
    private readonly List<(string Name, uint Type, ulong Flags, byte[] Contents, int Size)> _sections = [("", 0, 0, [], 0)];
    private readonly List<(string Name, byte Info, int Section, int Value, int Size)> _symbols = [("", 0, 0, 0, 0)];
    private readonly List<(int Section, int Offset, uint Type, int Symbol, long Addend)> _relocations = [];

    /// <summary>Code of the given bytes.</summary>
    public int Code(string name, byte[] contents) => Section(name, 1, 6, contents, contents.Length);

    public int ReadOnlyData(string name, byte[] contents) => Section(name, 1, 2, contents, contents.Length);

    public int Data(string name, byte[] contents) => Section(name, 1, 3, contents, contents.Length);

    public int Zeroed(string name, int size) => Section(name, 8, 3, [], size);

    public int Function(string name, int section, int value, int size) => Symbol(name, 0x12, section, value, size);

    public int Object(string name, int section, int value) => Symbol(name, 0x10, section, value, 0);

    public int Undefined(string name) => Symbol(name, 0x10, 0, 0, 0);

    public int SectionSymbol(int section) => Symbol("", 0x03, section, 0, 0);

    public void Relocate(int section, int offset, uint type, int symbol, long addend) => _relocations.Add((section, offset, type, symbol, addend));

    public ElfObject Object() => new(Bytes());

    public byte[] Bytes()
    {
        var sections = new List<(string Name, uint Type, ulong Flags, byte[] Contents, int Size, uint Link, uint Info, ulong Entry)>();
        foreach (var section in _sections)
            sections.Add((section.Name, section.Type, section.Flags, section.Contents, section.Size, 0, 0, 0));
        uint symbolTable = (uint)sections.Count;
        (byte[] symbols, byte[] names) = Symbols();
        sections.Add((".symtab", 2, 0, symbols, symbols.Length, symbolTable + 1, 1, 24));
        sections.Add((".strtab", 3, 0, names, names.Length, 0, 0, 0));
        foreach (var group in _relocations.GroupBy(relocation => relocation.Section))
        {
            byte[] table = [.. group.SelectMany(relocation => Entry(relocation.Offset, relocation.Symbol, relocation.Type, relocation.Addend))];
            sections.Add((".rela" + _sections[group.Key].Name, 4, 0x40, table, table.Length, symbolTable, (uint)group.Key, 24));
        }

        var file = new List<byte>(new byte[64]);
        var headers = new List<byte>();
        sections.Add((".shstrtab", 3, 0, [], 0, 0, 0, 0));
        byte[] allNames = Encoding.ASCII.GetBytes("\0" + string.Concat(sections.Select(section => section.Name + "\0")));
        sections[^1] = (".shstrtab", 3, 0, allNames, allNames.Length, 0, 0, 0);
        int nameAt = 1;
        foreach (var section in sections)
        {
            var header = new byte[64];
            BinaryPrimitives.WriteInt32LittleEndian(header, nameAt);
            BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), section.Type);
            BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(8), section.Flags);
            BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(24), file.Count);
            BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(32), section.Size);
            BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(40), section.Link);
            BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(44), section.Info);
            BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(56), section.Entry);
            headers.AddRange(header);
            file.AddRange(section.Contents);
            nameAt += section.Name.Length + 1;
        }

        byte[] bytes = [.. file, .. headers];
        byte[] start = [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1];
        start.CopyTo(bytes, 0);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(16), 1);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(18), 62);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(40), file.Count);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(58), 64);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(60), (ushort)sections.Count);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(62), (ushort)(sections.Count - 1));
        return bytes;
    }

    private static byte[] Entry(int offset, int symbol, uint type, long addend)
    {
        var entry = new byte[24];
        BinaryPrimitives.WriteInt64LittleEndian(entry, offset);
        BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(8), type);
        BinaryPrimitives.WriteInt32LittleEndian(entry.AsSpan(12), symbol);
        BinaryPrimitives.WriteInt64LittleEndian(entry.AsSpan(16), addend);
        return entry;
    }

    private int Section(string name, uint type, ulong flags, byte[] contents, int size)
    {
        _sections.Add((name, type, flags, contents, size));
        return _sections.Count - 1;
    }

    private int Symbol(string name, byte info, int section, int value, int size)
    {
        _symbols.Add((name, info, section, value, size));
        return _symbols.Count - 1;
    }

    private (byte[] Symbols, byte[] Names) Symbols()
    {
        var names = new StringBuilder("\0");
        var table = new List<byte>();
        foreach (var symbol in _symbols)
        {
            var entry = new byte[24];
            BinaryPrimitives.WriteInt32LittleEndian(entry, symbol.Name.Length == 0 ? 0 : names.Length);
            entry[4] = symbol.Info;
            BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(6), (ushort)symbol.Section);
            BinaryPrimitives.WriteInt64LittleEndian(entry.AsSpan(8), symbol.Value);
            BinaryPrimitives.WriteInt64LittleEndian(entry.AsSpan(16), symbol.Size);
            table.AddRange(entry);
            if (symbol.Name.Length != 0)
                names.Append(symbol.Name).Append('\0');
        }

        return ([.. table], Encoding.ASCII.GetBytes(names.ToString()));
    }
}
