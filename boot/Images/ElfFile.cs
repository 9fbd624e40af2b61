using System.Buffers.Binary;
using GuestOS.Boot.Build;

namespace GuestOS.Boot.Images;

/// <summary>What the tool has to know of a kernel ELF (System V ABI, ELF-64).</summary>
internal static class ElfFile
{
    private const int HeaderSize = 64;
    private const int ProgramHeaderSize = 56;
    private const int ProgramHeaderOffset = 0x20;
    private const int SectionHeaderOffset = 0x28;
    private const int ProgramHeaderEntrySize = 0x36;
    private const int ProgramHeaderCount = 0x38;
    private const int SectionHeaderEntrySize = 0x3A;
    private const int SectionHeaderCount = 0x3C;
    private const int SectionNameIndex = 0x3E;
    private const ushort MachineX8664 = 62;
    private const uint SegmentLoad = 1;

    /// <summary>GRUB looks for the Multiboot2 header in this many bytes from the start (Multiboot2 3.1).</summary>
    private const int MultibootSearch = 32768;

    /// <summary>Multiboot2 header magic (Multiboot2 3.1.1).</summary>
    private const uint MultibootMagic = 0xE85250D6;

    /// <summary>Whether a file begins like an ELF.</summary>
    public static bool HasMagic(ReadOnlySpan<byte> start) => start.StartsWith("\x7F"u8) && start.Length >= 4 && start[1..4].SequenceEqual("ELF"u8);

    /// <summary>Says what is wrong with a kernel file; null when it can be booted.</summary>
    /// <param name="file">The whole file.</param>
    public static string? Verify(ReadOnlySpan<byte> file)
    {
        if (!HasMagic(file))
            return "it does not begin with the ELF signature";
        if (file.Length < HeaderSize)
            return $"it is truncated: {file.Length} bytes, an ELF header alone takes {HeaderSize}";
        if (file[4] != 2 || file[5] != 1 || BinaryPrimitives.ReadUInt16LittleEndian(file[0x12..]) != MachineX8664)
            return "it is not an ELF for 64-bit x86";
        var count = BinaryPrimitives.ReadUInt16LittleEndian(file[ProgramHeaderCount..]);
        if (count == 0 || BinaryPrimitives.ReadUInt16LittleEndian(file[ProgramHeaderEntrySize..]) != ProgramHeaderSize)
            return "it has no program headers: it is not an executable";
        var end = EndOfSegments(file, out var loads);
        if (end == ulong.MaxValue)
            return $"it is truncated: its program headers lie behind its {file.Length} bytes, or name impossible places";
        if (end > (ulong)file.Length)
            return $"it is truncated: its segments end at byte {end}, the file has {file.Length}";
        if (loads == 0)
            return "it has nothing to load";
        return HasMultibootHeader(file) ? null : $"it carries no Multiboot2 header in its first {MultibootSearch} bytes: it is not a GuestOS kernel";
    }

    /// <summary>
    /// A copy with everything cut off that is not loaded: symbols, section headers. GRUB rejects an ELF whose sections hold relocations.
    /// </summary>
    /// <param name="file">The linker's output.</param>
    /// <exception cref="ToolException">The file is not a kernel.</exception>
    public static byte[] Strip(ReadOnlySpan<byte> file)
    {
        if (Verify(file) is { } fault)
            throw new ToolException($"The linked kernel is unusable: {fault}.");
        var stripped = file[..(int)EndOfSegments(file, out _)].ToArray();
        BinaryPrimitives.WriteUInt64LittleEndian(stripped.AsSpan(SectionHeaderOffset), 0);
        BinaryPrimitives.WriteUInt16LittleEndian(stripped.AsSpan(SectionHeaderEntrySize), 0);
        BinaryPrimitives.WriteUInt16LittleEndian(stripped.AsSpan(SectionHeaderCount), 0);
        BinaryPrimitives.WriteUInt16LittleEndian(stripped.AsSpan(SectionNameIndex), 0);
        return stripped;
    }

    /// <summary>First byte after everything that headers and segments take in the file; <see cref="ulong.MaxValue"/> when a header lies outside.</summary>
    private static ulong EndOfSegments(ReadOnlySpan<byte> file, out int loads)
    {
        loads = 0;
        var offset = BinaryPrimitives.ReadUInt64LittleEndian(file[ProgramHeaderOffset..]);
        var count = BinaryPrimitives.ReadUInt16LittleEndian(file[ProgramHeaderCount..]);
        var end = offset + (ulong)(count * ProgramHeaderSize);
        if (offset > (ulong)file.Length || end > (ulong)file.Length)
            return ulong.MaxValue;
        for (var i = 0; i < count; i++)
        {
            var header = file.Slice((int)offset + i * ProgramHeaderSize, ProgramHeaderSize);
            var start = BinaryPrimitives.ReadUInt64LittleEndian(header[8..]);
            var size = BinaryPrimitives.ReadUInt64LittleEndian(header[32..]);
            if (start + size < start)
                return ulong.MaxValue;
            if (BinaryPrimitives.ReadUInt32LittleEndian(header) == SegmentLoad)
                loads++;
            if (size != 0)
                end = Math.Max(end, start + size);
        }

        return end;
    }

    private static bool HasMultibootHeader(ReadOnlySpan<byte> file)
    {
        var area = file[..Math.Min(file.Length, MultibootSearch)];
        for (var i = 0; i + 16 <= area.Length; i += 8)
        {
            var header = area[i..];
            if (BinaryPrimitives.ReadUInt32LittleEndian(header) != MultibootMagic)
                continue;
            uint sum = 0;
            for (var word = 0; word < 4; word++)
                sum += BinaryPrimitives.ReadUInt32LittleEndian(header[(word * 4)..]);
            if (sum == 0)
                return true;
        }

        return false;
    }
}
