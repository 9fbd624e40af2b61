using System.Buffers.Binary;
using System.Text;
using GuestOS.Testing;
using static GuestOS.Testing.Images.LoaderImages;

namespace GuestOS.Kernel.Core.Tests.Boot;

/// <summary>What loaders hand over, well formed and not: every structure lies at the very end of readable memory.</summary>
public sealed unsafe class BootInfoTests
{
    public BootInfoTests() => KernelState.Reset(typeof(BootInfo));

    [Fact]
    public void Multiboot2_gives_memory_command_line_loader_modules_and_screen()
    {
        using var memory = new GuardedMemory(Multiboot(
            Tag(1, Text("guestos.exit=halt")),
            Tag(2, Text("GRUB 2.06")),
            Tag(3, [.. U32(0x100000), .. U32(0x180000), 0]),
            MapTag(Range(0, 0x9F000, 1), Range(0x100000, 0x7F00000, 1), Range(0xF0000, 0x10000, 2)),
            Tag(8, [.. U64(0xFD000000), .. U32(4096), .. U32(1024), .. U32(768), 32, 1, 0, 0, 16, 8, 8, 8, 0, 8]),
            Tag(0, [])));

        Assert.True(Read(BootProtocol.Multiboot2, memory));

        Assert.Equal(3, BootInfo.RangeCount);
        Assert.Equal(MemoryRangeType.Reserved, BootInfo.Ranges[1].Type);
        Assert.Equal(0x100000UL, BootInfo.Ranges[2].Start);
        Assert.Equal(0x8000000UL, BootInfo.Ranges[2].End);
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
            Tag(15, newer), Tag(14, old), MapTag(Range(0, 0x1000, 1)), Tag(0, [])));

        Assert.True(Read(BootProtocol.Multiboot2, memory));

        Assert.Equal(2, ((byte*)BootInfo.Rsdp)[15]);
        Assert.False(BootInfo.Rsdp >= (ulong)memory.Pointer && BootInfo.Rsdp < (ulong)memory.Pointer + (ulong)memory.Length);
    }

    [Theory]
    [InlineData(4u)]
    [InlineData(0xFFFFFFF0u)]
    [InlineData(1000u)]
    public void A_Multiboot2_tag_that_is_too_short_or_leaves_the_structure_is_refused(uint size)
    {
        byte[] tag = MapTag(Range(0, 0x1000, 1));
        BinaryPrimitives.WriteUInt32LittleEndian(tag.AsSpan(4), size);
        using var memory = new GuardedMemory(Multiboot(tag, Tag(0, [])));

        Assert.False(Read(BootProtocol.Multiboot2, memory));
    }

    [Fact]
    public void A_Multiboot2_text_without_its_zero_ends_with_its_tag()
    {
        using var memory = new GuardedMemory(Multiboot(
            Tag(1, "a=123456"u8.ToArray()), Tag(2, "loader 1"u8.ToArray()), MapTag(Range(0, 0x1000, 1)), Tag(0, [])));

        Assert.True(Read(BootProtocol.Multiboot2, memory));

        Assert.Equal("a=123456", Encoding.UTF8.GetString(BootInfo.CommandLine, BootInfo.CommandLineLength));
        Assert.Equal("loader 1", Encoding.UTF8.GetString(BootInfo.Loader, BootInfo.LoaderLength));
    }

    [Fact]
    public void A_Multiboot2_memory_map_with_entries_of_no_size_does_not_loop()
    {
        using var memory = new GuardedMemory(Multiboot(Tag(6, [.. U32(0), .. U32(0), .. Range(0, 0x1000, 1)]), Tag(0, [])));

        Assert.False(Read(BootProtocol.Multiboot2, memory));
    }

    [Fact]
    public void A_Multiboot2_structure_without_a_memory_map_is_refused()
    {
        using var memory = new GuardedMemory(Multiboot(Tag(1, Text("x")), Tag(0, [])));

        Assert.False(Read(BootProtocol.Multiboot2, memory));
    }

    [Fact]
    public void Ranges_that_wrap_around_or_are_empty_are_left_out()
    {
        BootInfo.AddRange(ulong.MaxValue - 10, 100, 1);
        BootInfo.AddRange(1UL << 51, 1UL << 52, 1);
        BootInfo.AddRange(1UL << 52, 0x1000, 2);
        BootInfo.AddRange(0x1000, 0, 1);
        BootInfo.AddRange(0x1000, 0x1000, 1);

        Assert.Equal(1, BootInfo.RangeCount);
    }

    [Fact]
    public void A_reserved_range_that_wraps_around_is_withheld_up_to_the_last_address()
    {
        BootInfo.AddRange(0x1000, ulong.MaxValue, 2);

        Assert.Equal((0x1000UL, 1UL << 52), (BootInfo.Ranges[0].Start, BootInfo.Ranges[0].End));
    }

    [Fact]
    public void A_module_that_reaches_beyond_all_addresses_ends_with_them()
    {
        BootInfo.AddModule(0x1000, ulong.MaxValue);

        Assert.Equal((0x1000UL, 1UL << 52), (BootInfo.ModuleStart, BootInfo.ModuleEnd));
    }

    [Fact]
    public void More_usable_ranges_than_there_is_room_for_are_left_out_and_counted()
    {
        for (ulong i = 0; i < 1000; i++)
            BootInfo.AddRange(i << 20, 0x1000, 1);

        Assert.Equal(BootInfo.MaximumRanges, BootInfo.RangeCount);
        Assert.Equal(1000 - BootInfo.MaximumRanges, BootInfo.DroppedRanges);
    }

    [Fact]
    public void A_range_that_firmware_withholds_has_room_even_after_too_many_usable_ones()
    {
        byte[][] usable = [.. Enumerable.Range(0, BootInfo.MaximumRanges).Select(i => Range((ulong)i << 20, 0x4000, 1))];
        using var memory = new GuardedMemory(Multiboot(MapTag([.. usable, Range(0x1000, 0x1000, 2), Range(0x3000, 0x1000, 5)]), Tag(0, [])));

        Assert.True(Read(BootProtocol.Multiboot2, memory));

        Assert.Equal(2, BootInfo.DroppedRanges);
        Assert.Equal(
            [(0UL, 0x1000UL, 1u), (0x1000, 0x2000, 2), (0x2000, 0x3000, 1), (0x3000, 0x4000, 5)],
            Enumerable.Range(0, 4).Select(i => (BootInfo.Ranges[i].Start, BootInfo.Ranges[i].End, (uint)BootInfo.Ranges[i].Type)));
        Assert.DoesNotContain(0xFFUL << 20, Enumerable.Range(0, BootInfo.RangeCount).Select(i => BootInfo.Ranges[i].Start));
    }

    [Fact]
    public void A_map_that_withholds_memory_by_more_entries_than_are_taken_is_refused()
    {
        byte[][] withheld = [.. Enumerable.Range(0, BootInfo.MaximumRanges + 1).Select(i => Range((ulong)i << 20, 0x1000, 2))];
        using var memory = new GuardedMemory(Multiboot(MapTag([Range(0, 0x10000000, 1), .. withheld]), Tag(0, [])));

        Assert.False(Read(BootProtocol.Multiboot2, memory));
    }

    [Fact]
    public void A_command_line_longer_than_the_buffer_is_cut()
    {
        using var memory = new GuardedMemory(Text(new string('a', 10_000)));

        BootInfo.SetCommandLine(memory.Pointer, (uint)memory.Length);

        Assert.Equal(BootInfo.CommandLineCapacity - 1, BootInfo.CommandLineLength);
        Assert.Equal(0, BootInfo.CommandLine[BootInfo.CommandLineLength]);
    }

    [Fact]
    public void Pvh_gives_memory_modules_and_command_line()
    {
        using var memory = new GuardedMemory(
            StartInfoBytes + 32 + 48 + 4, at =>
            [
                .. StartInfo(at + StartInfoBytes + 32 + 48, (at + StartInfoBytes + 32, 2), (at + StartInfoBytes, 1)), .. Module(0x400000, 0x1000),
                .. Range(0x100000, 0x100000, 1), .. Range(0, 0xA0000, 1), .. Text("a=b"),
            ]);

        Assert.True(Read(BootProtocol.Pvh, memory));

        Assert.Equal(2, BootInfo.RangeCount);
        Assert.Equal((0UL, 0x100000UL), (BootInfo.Ranges[0].Start, BootInfo.Ranges[1].Start));
        Assert.Equal((0x400000UL, 0x401000UL), (BootInfo.ModuleStart, BootInfo.ModuleEnd));
        Assert.Equal(0xF5A20UL, BootInfo.Rsdp);
        Assert.Equal("a=b", Encoding.UTF8.GetString(BootInfo.CommandLine, BootInfo.CommandLineLength));
    }

    [Theory]
    [InlineData(16, 1UL)]
    [InlineData(24, 8UL)]
    [InlineData(40, 1UL)]
    public void Pvh_with_a_pointer_to_what_cannot_be_read_is_refused(int field, ulong pointer)
    {
        using var memory = new GuardedMemory(
            StartInfoBytes + 32 + 24, at =>
            [
                .. StartInfo(0, (at + StartInfoBytes + 32, 1), (at + StartInfoBytes, 1)), .. Module(0x400000, 0x1000), .. Range(0x100000, 0x100000, 1),
            ]);
        Assert.True(Read(BootProtocol.Pvh, memory));

        foreach (ulong outside in (ulong[])[pointer, memory.Address - 1, memory.End, ulong.MaxValue])
        {
            *(ulong*)(memory.Pointer + field) = outside;
            Assert.False(Read(BootProtocol.Pvh, memory), $"the pointer at {field} to 0x{outside:x}");
        }
    }

    [Theory]
    [InlineData(0x336EC579u, 1u)]
    [InlineData(0x336EC578u, 0u)]
    public void Pvh_with_another_magic_or_without_a_memory_map_is_refused(uint magic, uint version)
    {
        using var memory = new GuardedMemory((byte[])[.. U32(magic), .. U32(version), .. new byte[48]]);

        Assert.False(Read(BootProtocol.Pvh, memory));
    }

    [Fact]
    public void The_Linux_zero_page_gives_memory_command_line_initrd_and_screen()
    {
        using var memory = new GuardedMemory(ZeroPage(0, Range(0, 0x9FC00, 1), Range(0x100000, 0x10000000, 1)));

        Assert.True(Read(BootProtocol.Linux64, memory));

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

        Assert.False(Read(BootProtocol.Linux64, memory));
    }

    [Theory]
    [InlineData(8UL)]
    [InlineData(1UL << 32)]
    public void A_Linux_command_line_that_cannot_be_read_is_refused(ulong commandLine)
    {
        using var memory = new GuardedMemory(ZeroPage(commandLine, Range(0x100000, 0x10000000, 1)));

        Assert.False(Read(BootProtocol.Linux64, memory));
    }

    [Fact]
    public void A_command_line_without_its_zero_ends_with_the_memory_that_can_be_read()
    {
        using var memory = new GuardedMemory(4096 + 8, at => [.. ZeroPage(at + 4096, Range(0x100000, 0x10000000, 1)), .. "a=123456"u8]);

        Assert.True(Read(BootProtocol.Linux64, memory));

        Assert.Equal("a=123456", Encoding.UTF8.GetString(BootInfo.CommandLine, BootInfo.CommandLineLength));
    }

    [Theory]
    [InlineData("Multiboot2")]
    [InlineData("Pvh")]
    [InlineData("Linux64")]
    public void A_structure_that_cannot_be_read_to_its_end_is_refused(string name)
    {
        var protocol = Enum.Parse<BootProtocol>(name);
        byte[] whole = protocol switch
        {
            BootProtocol.Multiboot2 => Multiboot(MapTag(Range(0, 0x1000, 1)), Tag(0, [])),
            BootProtocol.Pvh => StartInfo(0, (0, 0)),
            _ => ZeroPage(0, Range(0, 0x1000, 1)),
        };
        foreach (int length in (int[])[0, whole.Length - 8])
        {
            using var memory = new GuardedMemory(whole.AsSpan(0, length));
            Assert.False(Read(protocol, memory), $"{length} bytes of {whole.Length}");
        }

        Assert.False(BootInfo.Read(protocol, 0, 1, 4UL << 30));
    }

    [Fact]
    public void An_unknown_protocol_is_refused() => Assert.False(BootInfo.Read((BootProtocol)9, 1, 1, ulong.MaxValue));

    private static bool Read(BootProtocol protocol, GuardedMemory memory) =>
        BootInfo.Read(protocol, (ulong)memory.Pointer, memory.Address, memory.End);
}
