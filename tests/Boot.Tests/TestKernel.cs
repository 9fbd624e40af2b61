using System.Buffers.Binary;

namespace GuestOS.Boot.Tests;

/// <summary>Files with everything of a kernel that the tool looks at; nothing in them can be run.</summary>
internal static class TestKernel
{
    private const int HeaderSize = 64;
    private const int ProgramHeaderSize = 56;
    private const int MultibootOffset = 0x100;
    private const int SymbolBytes = 300;

    /// <summary>A kernel with one segment of some length, followed by what a linker leaves behind: symbols and section headers.</summary>
    public static byte[] Create(int segmentLength, byte fill = 0x5A)
    {
        var file = new byte[segmentLength + SymbolBytes];
        file.AsSpan().Fill(fill);
        file.AsSpan(0, HeaderSize + ProgramHeaderSize).Clear();
        new byte[] { 0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1 }.CopyTo(file, 0);
        Write16(file, 0x10, 2);
        Write16(file, 0x12, 62);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(0x20), HeaderSize);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(0x28), (ulong)segmentLength);
        Write16(file, 0x36, ProgramHeaderSize);
        Write16(file, 0x38, 1);
        Write16(file, 0x3A, 64);
        Write16(file, 0x3C, 3);
        Write16(file, 0x3E, 2);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(HeaderSize), 1);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(HeaderSize + 32), (ulong)segmentLength);
        uint[] multiboot = [0xE85250D6, 0, 24, 0];
        multiboot[3] = 0u - multiboot[0] - multiboot[1] - multiboot[2];
        for (var i = 0; i < multiboot.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(MultibootOffset + i * 4), multiboot[i]);
        return file;
    }

    private static void Write16(byte[] file, int offset, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(offset), value);
}
