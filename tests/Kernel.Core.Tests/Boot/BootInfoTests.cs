using System.Buffers.Binary;
using System.Text;

namespace GuestOS.Kernel.Core.Tests.Boot;

/// <summary>What loaders hand over, well formed and not: every structure lies at the very end of readable memory.</summary>
public sealed unsafe class BootInfoTests
{
    public BootInfoTests()
    {
        BootInfo.RangeCount = 0;
        BootInfo.CommandLineLength = 0;
        BootInfo.CommandLine[0] = 0;
        BootInfo.LoaderLength = 0;
        BootInfo.Rsdp = 0;
        BootInfo.ModuleStart = 0;
        BootInfo.ModuleEnd = 0;
        BootInfo.FrameBuffer = default;
    }

    [Fact]
    public void Multiboot2_gives_memory_command_line_loader_modules_and_screen()
    {
        using var memory = new GuardedMemory(Multiboot(
            Tag(1, Text("guestos.exit=halt")),
            Tag(2, Text("GRUB 2.06")),
            Tag(3, [.. U32(0x100000), .. U32(0x180000), 0]),
            Tag(6, [.. U32(24), .. U32(0), .. Range(0, 0x9F000, 1), .. Range(0x100000, 0x7F00000, 1), .. Range(0xF0000, 0x10000, 2)]),
            Tag(8, [.. U64(0xFD000000), .. U32(4096), .. U32(1024), .. U32(768), 32, 1, 0, 0, 16, 8, 8, 8, 0, 8]),
            Tag(0, [])));

        Assert.True(BootInfo.Read(BootProtocol.Multiboot2, (ulong)memory.Pointer));

        Assert.Equal(3, BootInfo.RangeCount);
        Assert.Equal(0x100000UL, BootInfo.Ranges[1].Start);
        Assert.Equal(0x8000000UL, BootInfo.Ranges[1].End);
        Assert.Equal(MemoryRangeType.Reserved, BootInfo.Ranges[2].Type);
        Assert.Equal("guestos.exit=halt", Encoding.UTF8.GetString(BootInfo.CommandLine, BootInfo.CommandLineLength));
        Assert.Equal("GRUB 2.06", Encoding.UTF8.GetString(BootInfo.Loader, BootInfo.LoaderLength));
        Assert.Equal((0x100000UL, 0x180000UL), (BootInfo.ModuleStart, BootInfo.ModuleEnd));
        Assert.Equal((1024u, 768u, (byte)16), (BootInfo.FrameBuffer.Width, BootInfo.FrameBuffer.Height, BootInfo.FrameBuffer.RedPosition));
    }

    [Fact]
    public void The_newer_ACPI_root_pointer_wins_and_is_copied()
    {
        byte[] old = new byte[20];
        byte[] newer = new byte[36];
        newer[15] = 2;
        using var memory = new GuardedMemory(Multiboot(
            Tag(15, newer), Tag(14, old), Tag(6, [.. U32(24), .. U32(0), .. Range(0, 0x1000, 1)]), Tag(0, [])));

        Assert.True(BootInfo.Read(BootProtocol.Multiboot2, (ulong)memory.Pointer));

        Assert.Equal(2, ((byte*)BootInfo.Rsdp)[15]);
        Assert.False(BootInfo.Rsdp >= (ulong)memory.Pointer && BootInfo.Rsdp < (ulong)memory.Pointer + (ulong)memory.Length);
    }

    [Theory]
    [InlineData(4u)]
    [InlineData(0xFFFFFFF0u)]
    [InlineData(1000u)]
    public void A_Multiboot2_tag_that_is_too_short_or_leaves_the_structure_is_refused(uint size)
    {
        byte[] tag = Tag(6, [.. U32(24), .. U32(0), .. Range(0, 0x1000, 1)]);
        BinaryPrimitives.WriteUInt32LittleEndian(tag.AsSpan(4), size);
        using var memory = new GuardedMemory(Multiboot(tag, Tag(0, [])));

        Assert.False(BootInfo.Read(BootProtocol.Multiboot2, (ulong)memory.Pointer));
    }

    [Fact]
    public void A_Multiboot2_text_without_its_zero_ends_with_its_tag()
    {
        using var memory = new GuardedMemory(Multiboot(
            Tag(1, "a=123456"u8.ToArray()), Tag(2, "loader 1"u8.ToArray()), Tag(6, [.. U32(24), .. U32(0), .. Range(0, 0x1000, 1)]), Tag(0, [])));

        Assert.True(BootInfo.Read(BootProtocol.Multiboot2, (ulong)memory.Pointer));

        Assert.Equal("a=123456", Encoding.UTF8.GetString(BootInfo.CommandLine, BootInfo.CommandLineLength));
        Assert.Equal("loader 1", Encoding.UTF8.GetString(BootInfo.Loader, BootInfo.LoaderLength));
    }

    [Fact]
    public void A_Multiboot2_memory_map_with_entries_of_no_size_does_not_loop()
    {
        using var memory = new GuardedMemory(Multiboot(Tag(6, [.. U32(0), .. U32(0), .. Range(0, 0x1000, 1)]), Tag(0, [])));

        Assert.False(BootInfo.Read(BootProtocol.Multiboot2, (ulong)memory.Pointer));
    }

    [Fact]
    public void A_Multiboot2_structure_without_a_memory_map_is_refused()
    {
        using var memory = new GuardedMemory(Multiboot(Tag(1, Text("x")), Tag(0, [])));

        Assert.False(BootInfo.Read(BootProtocol.Multiboot2, (ulong)memory.Pointer));
    }

    [Fact]
    public void Ranges_that_wrap_around_or_are_empty_are_left_out()
    {
        BootInfo.AddRange(ulong.MaxValue - 10, 100, 1);
        BootInfo.AddRange(0x1000, 0, 1);
        BootInfo.AddRange(0x1000, 0x1000, 1);

        Assert.Equal(1, BootInfo.RangeCount);
    }

    [Fact]
    public void More_ranges_than_there_is_room_for_are_left_out()
    {
        for (ulong i = 0; i < 1000; i++)
            BootInfo.AddRange(i << 20, 0x1000, 1);

        Assert.Equal(BootInfo.MaximumRanges, BootInfo.RangeCount);
    }

    [Fact]
    public void A_command_line_longer_than_the_buffer_is_cut()
    {
        using var memory = new GuardedMemory(Text(new string('a', 10_000)));

        BootInfo.SetCommandLine(memory.Pointer);

        Assert.Equal(BootInfo.CommandLineCapacity - 1, BootInfo.CommandLineLength);
        Assert.Equal(0, BootInfo.CommandLine[BootInfo.CommandLineLength]);
    }

    [Fact]
    public void Pvh_gives_memory_and_command_line()
    {
        using var text = new GuardedMemory(Text("a=b"));
        using var map = new GuardedMemory((byte[])[.. Range(0, 0xA0000, 1), .. Range(0x100000, 0x100000, 1)]);
        using var info = new GuardedMemory(
            (byte[])[.. U32(0x336EC578), .. U32(1), .. U32(0), .. U32(0), .. U64(0), .. U64((ulong)text.Pointer), .. U64(0xF5A20), .. U64((ulong)map.Pointer), .. U32(2), .. U32(0)]);

        Assert.True(BootInfo.Read(BootProtocol.Pvh, (ulong)info.Pointer));

        Assert.Equal(2, BootInfo.RangeCount);
        Assert.Equal(0xF5A20UL, BootInfo.Rsdp);
        Assert.Equal("a=b", Encoding.UTF8.GetString(BootInfo.CommandLine, BootInfo.CommandLineLength));
    }

    [Theory]
    [InlineData(0x336EC579u, 1u)]
    [InlineData(0x336EC578u, 0u)]
    public void Pvh_with_another_magic_or_without_a_memory_map_is_refused(uint magic, uint version)
    {
        using var info = new GuardedMemory((byte[])[.. U32(magic), .. U32(version), .. new byte[48]]);

        Assert.False(BootInfo.Read(BootProtocol.Pvh, (ulong)info.Pointer));
    }

    [Fact]
    public void The_Linux_zero_page_gives_memory_command_line_initrd_and_screen()
    {
        byte[] zero = new byte[4096];
        zero[0x1E8] = 2;
        byte[] ranges = [.. Range(0, 0x9FC00, 1)[..20], .. Range(0x100000, 0x10000000, 1)[..20]];
        ranges.CopyTo(zero, 0x2D0);
        U32(0x2000000).CopyTo(zero, 0x218);
        U32(0x1000).CopyTo(zero, 0x21C);
        U64(0xE0000).CopyTo(zero, 0x70);
        zero[0x0F] = 0x70;
        BinaryPrimitives.WriteUInt16LittleEndian(zero.AsSpan(0x12), 800);
        BinaryPrimitives.WriteUInt16LittleEndian(zero.AsSpan(0x14), 600);
        using var memory = new GuardedMemory(zero);

        Assert.True(BootInfo.Read(BootProtocol.Linux64, (ulong)memory.Pointer));

        Assert.Equal(2, BootInfo.RangeCount);
        Assert.Equal(0x10100000UL, BootInfo.Ranges[1].End);
        Assert.Equal((0x2000000UL, 0x2001000UL), (BootInfo.ModuleStart, BootInfo.ModuleEnd));
        Assert.Equal(0xE0000UL, BootInfo.Rsdp);
        Assert.Equal((800u, 600u), (BootInfo.FrameBuffer.Width, BootInfo.FrameBuffer.Height));
        Assert.Equal(0, BootInfo.CommandLineLength);
    }

    [Fact]
    public void A_Linux_zero_page_with_more_ranges_than_its_table_holds_is_refused()
    {
        byte[] zero = new byte[4096];
        zero[0x1E8] = 129;
        using var memory = new GuardedMemory(zero);

        Assert.False(BootInfo.Read(BootProtocol.Linux64, (ulong)memory.Pointer));
    }

    [Fact]
    public void An_unknown_protocol_is_refused() => Assert.False(BootInfo.Read((BootProtocol)9, 0));

    private static byte[] Multiboot(params byte[][] tags)
    {
        byte[] body = [.. tags.SelectMany(tag => tag.Concat(new byte[(8 - tag.Length % 8) % 8]))];
        return [.. U32((uint)body.Length + 8), .. U32(0), .. body];
    }

    private static byte[] Tag(uint type, byte[] content) => [.. U32(type), .. U32((uint)content.Length + 8), .. content];

    private static byte[] Range(ulong start, ulong length, uint type) => [.. U64(start), .. U64(length), .. U32(type), .. U32(0)];

    private static byte[] Text(string text) => [.. Encoding.UTF8.GetBytes(text), 0];

    private static byte[] U32(uint value) => BitConverter.GetBytes(value);

    private static byte[] U64(ulong value) => BitConverter.GetBytes(value);
}
