using GuestOS.Testing;

namespace GuestOS.Kernel.Core.Tests;

public sealed class FrameBufferConsoleTests
{
    [Theory]
    [InlineData(32)]
    [InlineData(24)]
    [InlineData(16)]
    public void Text_appears_in_every_depth(byte bits)
    {
        using var screen = new MemoryScreen(8 * 40 + 5, 16 * 6 + 7, bits);
        Assert.True(screen.Started);
        MemoryScreen.Write("Hello, world!\nsecond line\r\nthird");
        Assert.Equal("Hello, world!", screen.Row(0));
        Assert.Equal("second line", screen.Row(1));
        Assert.Equal("third", screen.Row(2));
        Assert.Equal("", screen.Row(3));
        Assert.Equal(screen.Rgb(0xB0B0B0), screen.Foreground(0, 0));
        Assert.Equal(0U, screen.Background(0, 0));
    }

    [Fact]
    public void Rows_wider_in_memory_than_on_the_screen_keep_their_padding()
    {
        using var screen = new MemoryScreen(320, 64, 32, pitch: 320 * 4 + 64);
        MemoryScreen.Write(new string('x', 300) + "\u001b[2J" + "end");
        Assert.True(screen.PaddingIntact());
    }

    [Fact]
    public void All_characters_are_painted_as_the_font_has_them()
    {
        using var screen = new MemoryScreen(8 * 95, 32, 32);
        string all = string.Concat(Enumerable.Range(32, 95).Select(c => (char)c));
        MemoryScreen.Write("\u001b[?25l" + all);
        Assert.Equal(all, screen.Row(0));
    }

    [Fact]
    public void Colours_of_the_foreground_and_background()
    {
        using var screen = new MemoryScreen(320, 32, 32);
        MemoryScreen.Write("\u001b[31mr\u001b[92mg\u001b[34;47mb\u001b[0mn\u001b[1;33my\u001b[7mi");
        Assert.Equal(0xB00000U, screen.Foreground(0, 0));
        Assert.Equal(0x50FF50U, screen.Foreground(0, 1));
        Assert.Equal((0x0000B0U, 0xB0B0B0U), (screen.Foreground(0, 2), screen.Background(0, 2)));
        Assert.Equal(0xB0B0B0U, screen.Foreground(0, 3));
        Assert.Equal(0xFFFF50U, screen.Foreground(0, 4));
        Assert.Equal((0U, 0xFFFF50U), (screen.Foreground(0, 5), screen.Background(0, 5)));
    }

    [Fact]
    public void The_cursor_is_an_inverse_cell_that_moves_along()
    {
        using var screen = new MemoryScreen(320, 64, 32);
        Assert.Equal(0xB0B0B0U, screen.Background(0, 0));
        MemoryScreen.Write("ab\u001b[D");
        Assert.Equal((0U, 0xB0B0B0U), (screen.Background(0, 0), screen.Background(0, 1)));
        Assert.Equal('b', screen.Character(0, 1));
        MemoryScreen.Write("\u001b[?25l");
        Assert.Equal(0U, screen.Background(0, 1));
        MemoryScreen.Write("\u001b[?25h\n");
        Assert.Equal((0U, 0xB0B0B0U), (screen.Background(0, 1), screen.Background(1, 0)));
    }

    [Fact]
    public void A_line_editor_can_go_back_and_overwrite()
    {
        using var screen = new MemoryScreen(320, 64, 32);
        MemoryScreen.Write("> hexp\u001b[2D\u001b[Klp me\b\b\u001b[C!");
        Assert.Equal("> help m!", screen.Row(0));
        MemoryScreen.Write("\r\u001b[K> new");
        Assert.Equal("> new", screen.Row(0));
    }

    [Theory]
    [InlineData("\u001b[0K", "abc", "row1", "row2")]
    [InlineData("\u001b[1K", "    e", "row1", "row2")]
    [InlineData("\u001b[2K", "", "row1", "row2")]
    [InlineData("\u001b[0J", "abc", "", "")]
    [InlineData("\u001b[2J", "", "", "")]
    public void Erasing(string sequence, string row0, string row1, string row2)
    {
        using var screen = new MemoryScreen(320, 64, 32);
        MemoryScreen.Write("abcde\nrow1\nrow2\u001b[1;4H" + sequence + "\u001b[?25l");
        Assert.Equal((row0, row1, row2), (screen.Row(0), screen.Row(1), screen.Row(2)));
    }

    [Fact]
    public void Erasing_up_to_the_cursor()
    {
        using var screen = new MemoryScreen(320, 64, 32);
        MemoryScreen.Write("row0\nrow1\nrow2\u001b[2;2H\u001b[1J");
        Assert.Equal(("", "  w1", "row2"), (screen.Row(0), screen.Row(1), screen.Row(2)));
    }

    [Fact]
    public void Movements_stop_at_the_edges()
    {
        using var screen = new MemoryScreen(8 * 10, 16 * 4, 32);
        MemoryScreen.Write("\u001b[99A\u001b[99Dx\u001b[99B\u001b[99Cy\u001b[2;5Hz\u001b[9G!");
        Assert.Equal("x", screen.Row(0));
        Assert.Equal("    z   !", screen.Row(1));
        Assert.Equal("         y", screen.Row(3));
    }

    [Fact]
    public void Long_lines_wrap_when_the_next_character_comes()
    {
        using var screen = new MemoryScreen(8 * 10, 16 * 4, 32);
        MemoryScreen.Write("0123456789");
        Assert.Equal('9', screen.Character(0, 9));
        Assert.Equal("", screen.Row(1));
        MemoryScreen.Write("\rA\u001b[10GZx");
        Assert.Equal("A12345678Z", screen.Row(0));
        Assert.Equal("x", screen.Row(1));
    }

    [Fact]
    public void The_last_lines_remain_after_scrolling()
    {
        using var screen = new MemoryScreen(8 * 20, 16 * 16, 32);
        for (int i = 0; i < 1000; i++)
            MemoryScreen.Write($"line {i}\n");
        MemoryScreen.Write("end");
        // An eighth of 16 rows at once: after a scroll the last row is empty until the next line.
        string[] rows = [.. Enumerable.Range(0, 16).Select(screen.Row)];
        int last = Array.IndexOf(rows, "end");
        Assert.InRange(last, 13, 15);
        for (int i = 1; i <= last; i++)
            Assert.Equal($"line {1000 - i}", rows[last - i]);
        Assert.All(rows[(last + 1)..], row => Assert.Equal("", row));
    }

    [Fact]
    public void Scrolled_in_rows_are_black_whatever_colour_is_set()
    {
        using var screen = new MemoryScreen(8 * 10, 16 * 4, 32);
        MemoryScreen.Write("\u001b[44m\n\n\n\n\n\u001b[?25l");
        Assert.Equal(0U, screen.Background(3, 5));
    }

    [Fact]
    public void Tabs_stop_at_every_eighth_column()
    {
        using var screen = new MemoryScreen(320, 32, 32);
        MemoryScreen.Write("a\tb\t\tc");
        Assert.Equal("a       b               c", screen.Row(0));
    }

    [Fact]
    public void What_is_not_ascii_shows_as_one_question_mark_each()
    {
        using var screen = new MemoryScreen(320, 32, 32);
        MemoryScreen.Write("\u00e4-\u20ac-\U0001F600.\0\a.");
        Assert.Equal("?-?-?..", screen.Row(0));
    }

    [Fact]
    public void Unknown_and_endless_sequences_are_swallowed()
    {
        using var screen = new MemoryScreen(320, 32, 32);
        MemoryScreen.Write("a\u001b[1;2;3;4;5;6;7;8;9;10;11;99999999999qb\u001b(c\u001b[>5nd\u001b[\u001b[31me\u001b[38;5;200mf");
        Assert.Equal("abcdef", screen.Row(0));
    }

    [Fact]
    public void Random_bytes_stay_within_the_screen()
    {
        using var screen = new MemoryScreen(8 * 33 + 3, 16 * 9 + 1, 24, pitch: 1000);
        var random = new Random(7);
        const string Alphabet = "\u001b\u001b\u001b[[[0123456789;ABCDGHJKmhl?\n\r\b\t xyz\u00e9";
        for (int i = 0; i < 20_000; i++)
            MemoryScreen.Write(string.Concat(Enumerable.Range(0, 8).Select(_ => Alphabet[random.Next(Alphabet.Length)])));
        MemoryScreen.Write("\u001b[0m\u001b[2J\u001b[1;1Hstill here");
        Assert.Equal("still here", screen.Row(0));
        Assert.True(screen.PaddingIntact());
    }

    [Fact]
    public void A_screen_with_more_cells_than_the_buffer_holds_is_used_in_part()
    {
        using var screen = new MemoryScreen(3840, 2160, 32);
        Assert.True(screen.Started);
        Assert.True(ConsoleText.Columns * ConsoleText.Rows <= ConsoleCells.Capacity);
        MemoryScreen.Write(string.Concat(Enumerable.Repeat("x\n", 500)));
        Assert.Equal('x', screen.Character(0, 0));
    }

    [Theory]
    [InlineData(0UL, 640U, 480U, 2560U, 32, 1, 8)]
    [InlineData(0x1000UL, 4U, 480U, 2560U, 32, 1, 8)]
    [InlineData(0x1000UL, 640U, 8U, 2560U, 32, 1, 8)]
    [InlineData(0x1000UL, 640U, 480U, 2559U, 32, 1, 8)]
    [InlineData(0x1000UL, 640U, 480U, 2560U, 8, 1, 8)]
    [InlineData(0x1000UL, 640U, 480U, 2560U, 64, 1, 8)]
    [InlineData(0x1000UL, 640U, 480U, 2560U, 32, 0, 8)]
    [InlineData(0x1000UL, 640U, 480U, 2560U, 32, 1, 0)]
    [InlineData(0x1000UL, 640U, 480U, 2560U, 32, 1, 17)]
    [InlineData(0x1000UL, 0xFFFF_FFFFU, 480U, 0xFFFF_FFFFU, 32, 1, 8)]
    [InlineData(0xB8000UL, 0U, 25U, 160U, 16, 2, 0)]
    [InlineData(0xB8000UL, 80U, 25U, 80U, 16, 2, 0)]
    public void Screens_that_make_no_sense_are_refused(ulong address, uint width, uint height, uint pitch, byte bits, byte type, byte redSize)
    {
        var info = new FrameBufferInfo
        {
            Address = address,
            Width = width,
            Height = height,
            Pitch = pitch,
            BitsPerPixel = bits,
            Type = type,
            RedPosition = 16,
            RedSize = redSize,
            GreenPosition = 8,
            GreenSize = 8,
            BlueSize = 8,
        };
        Assert.False(FrameBufferConsole.Init(ref info));
        Assert.False(FrameBufferConsole.Present);
        MemoryScreen.Write("nowhere");
    }

    [Fact]
    public unsafe void Ega_text_has_the_adapters_colours()
    {
        using var memory = new GuardedMemory(80 * 25 * 2);
        var info = new FrameBufferInfo { Address = memory.End - 4000, Width = 80, Height = 25, Pitch = 160, Type = 2, BitsPerPixel = 16 };
        Assert.True(FrameBufferConsole.Init(ref info));
        MemoryScreen.Write("\u001b[31mA\u001b[94;43mB\u001b[0m C");
        var cells = (ushort*)info.Address;
        Assert.Equal([0x0441, 0x6942, 0x0720, 0x0743, 0x7020], new[] { cells[0], cells[1], cells[2], cells[3], cells[4] }.Select(cell => (int)cell));
        FrameBufferConsole.Present = false;
    }
}
