using System.Text;
using GuestOS.Kernel.Shell;

namespace GuestOS.Kernel.Tests.Shell;

public sealed class KeyDecoderTests
{
    [Theory]
    [InlineData("\e[A", "Up")]
    [InlineData("\e[B", "Down")]
    [InlineData("\e[C", "Right")]
    [InlineData("\e[D", "Left")]
    [InlineData("\eOH", "Home")]
    [InlineData("\e[F", "End")]
    [InlineData("\e[1~\e[4~\e[7~\e[8~\e[3~", "Home End Home End Delete")]
    [InlineData("\e[1;5C", "Right")]
    [InlineData("\e[99~\e[Zx", "x")]
    [InlineData("\r\n\n\r", "Enter Enter Enter")]
    [InlineData("\x7f\b\t", "Backspace Backspace Tab")]
    [InlineData("\x01\x05\x15\x0b\x17\x03\x0c", "Home End KillToStart KillToEnd KillWord Interrupt Redraw")]
    [InlineData("\x10\x0e\x02\x06\x04", "Up Down Left Right EndOfLineInput")]
    [InlineData("\x00\x1d\x1e", "")]
    [InlineData("aé€😀", "a é € 😀")]
    [InlineData("\e\e[A\exy", "Up y")]
    public void Bytes_become_keys(string input, string keys) => Assert.Equal(keys, Decode(Encoding.UTF8.GetBytes(input)));

    [Fact]
    public void Broken_utf8_is_dropped_and_the_next_character_taken()
    {
        Assert.Equal("a b", Decode([0xC3, (byte)'a', 0xFF, (byte)'b', 0xE2, 0x82]));
        Assert.Equal("Up", Decode([0xE2, 0x1B, (byte)'[', (byte)'A']));
    }

    [Fact]
    public void A_sequence_without_end_is_given_up()
    {
        string keys = Decode(Encoding.ASCII.GetBytes("\e[" + new string('1', 100) + "ok"));
        Assert.EndsWith("o k", keys, StringComparison.Ordinal);
    }

    private static string Decode(byte[] input)
    {
        var decoder = new KeyDecoder();
        var keys = new List<string>();
        foreach (byte value in input)
        {
            if (decoder.TryDecode(value, out Key key))
                keys.Add(key.Kind == KeyKind.Character ? key.Character.ToString() : key.Kind.ToString());
        }

        return string.Join(' ', keys);
    }
}
