namespace GuestOS.Kernel.Core.Tests;

public sealed class ConsoleFontTests
{
    private const int Baseline = 10;

    [Fact]
    public void Every_printable_character_has_a_glyph_of_its_own()
    {
        Assert.Equal((ConsoleFont.Last - ConsoleFont.First + 1) * ConsoleFont.Rows, ConsoleFont.Glyphs.Length);
        var seen = new HashSet<string>();
        for (char c = (char)ConsoleFont.First; c <= ConsoleFont.Last; c++)
            Assert.True(seen.Add(Convert.ToHexString(Glyph(c))), $"'{c}' looks like another character");
    }

    [Fact]
    public void Only_the_space_is_empty()
    {
        for (char c = (char)ConsoleFont.First; c <= ConsoleFont.Last; c++)
            Assert.Equal(c == ' ', Ink(c) == 0);
    }

    [Fact]
    public void Letters_and_digits_stand_on_the_baseline_and_leave_room_to_their_neighbours()
    {
        foreach (char c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefhiklmnorstuvwxz")
        {
            byte[] rows = Glyph(c);
            Assert.True(rows[Baseline] != 0, $"'{c}' does not reach the baseline");
            Assert.All(rows[(Baseline + 1)..], row => Assert.Equal(0, row));
            Assert.All(rows, row => Assert.Equal(0, row & 0x80));
        }
    }

    [Fact]
    public void Capitals_and_digits_are_ten_rows_high()
    {
        foreach (char c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
            Assert.Equal(10, Glyph(c).Count(row => row != 0));
    }

    [Fact]
    public void Descenders_descend()
    {
        foreach (char c in "gjpqy")
            Assert.NotEqual(0, Glyph(c)[Baseline + 2]);
    }

    [Theory]
    [InlineData('O', '0')]
    [InlineData('l', '1')]
    [InlineData('I', 'l')]
    [InlineData('5', 'S')]
    [InlineData('8', 'B')]
    [InlineData('.', ',')]
    [InlineData(':', ';')]
    public void Characters_easily_mistaken_differ_in_several_pixels(char a, char b)
        => Assert.True(Glyph(a).Zip(Glyph(b), (x, y) => int.PopCount(x ^ y)).Sum() >= 2);

    internal static byte[] Glyph(char c) => ConsoleFont.Glyphs.Slice((c - ConsoleFont.First) * ConsoleFont.Rows, ConsoleFont.Rows).ToArray();

    private static int Ink(char c) => Glyph(c).Sum(row => int.PopCount(row));
}
