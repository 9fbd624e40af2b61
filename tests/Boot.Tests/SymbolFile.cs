using System.Buffers.Binary;
using System.Text;

namespace GuestOS.Boot.Tests;

/// <summary>A file with nothing but a kernel's symbol table, as a linker writes it; removed with the object.</summary>
internal sealed class SymbolFile : IDisposable
{
    private const int HeaderSize = 64;
    private const int SymbolSize = 24;
    private const int SectionCount = 3;

    public SymbolFile(params (ulong Address, string Name)[] functions)
    {
        var names = new MemoryStream();
        names.WriteByte(0);
        var symbols = new byte[(functions.Length + 1) * SymbolSize];
        for (var i = 0; i < functions.Length; i++)
        {
            // STB_GLOBAL, STT_FUNC, in section 1.
            var symbol = symbols.AsSpan((i + 1) * SymbolSize, SymbolSize);
            BinaryPrimitives.WriteUInt32LittleEndian(symbol, (uint)names.Position);
            symbol[4] = 0x12;
            BinaryPrimitives.WriteUInt16LittleEndian(symbol[6..], 1);
            BinaryPrimitives.WriteUInt64LittleEndian(symbol[8..], functions[i].Address);
            names.Write(Encoding.UTF8.GetBytes(functions[i].Name + "\0"));
        }

        var headers = HeaderSize + symbols.Length + (int)names.Length;
        var file = new byte[headers + (SectionCount * HeaderSize)];
        new byte[] { 0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1 }.CopyTo(file, 0);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(0x28), (ulong)headers);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(0x3C), SectionCount);
        symbols.CopyTo(file, HeaderSize);
        names.ToArray().CopyTo(file, HeaderSize + symbols.Length);
        Section(file.AsSpan(headers + HeaderSize), type: 2, HeaderSize, symbols.Length, link: 2);
        Section(file.AsSpan(headers + (2 * HeaderSize)), type: 3, HeaderSize + symbols.Length, (int)names.Length, link: 0);
        File.WriteAllBytes(Path, file);
    }

    public string Path { get; } = System.IO.Path.GetTempFileName();

    public void Dispose() => File.Delete(Path);

    private static void Section(Span<byte> header, uint type, int offset, int size, uint link)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], type);
        BinaryPrimitives.WriteUInt64LittleEndian(header[24..], (ulong)offset);
        BinaryPrimitives.WriteUInt64LittleEndian(header[32..], (ulong)size);
        BinaryPrimitives.WriteUInt32LittleEndian(header[40..], link);
    }
}
