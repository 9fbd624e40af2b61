using System.Text;

namespace GuestOS.Kernel.Core.Tests.Boot;

/// <summary>The kernel command line as the low-level kernel reads it.</summary>
public sealed unsafe class BootOptionsTests
{
    [Theory]
    [InlineData("a=1 guestos.exit=halt b=2", "halt")]
    [InlineData("guestos.exit=halt", "halt")]
    [InlineData("  guestos.exit=halt  ", "halt")]
    [InlineData("guestos.exit=", "")]
    [InlineData("guestos.exit=\"power off\" x", "\"power off\"")]
    public void An_option_is_found_wherever_it_stands(string line, string value)
    {
        Set(line);

        byte* found = BootOptions.Find("guestos.exit"u8, out int length);

        Assert.True(found != null);
        Assert.Equal(value, Encoding.UTF8.GetString(found, length));
    }

    [Theory]
    [InlineData("")]
    [InlineData("guestos.exits=halt")]
    [InlineData("xguestos.exit=halt")]
    [InlineData("guestos.exit")]
    [InlineData("guestos.exi=halt")]
    [InlineData("a=1 -- guestos.exit=halt")]
    [InlineData("\"guestos.exit=halt\"")]
    public void Words_that_only_resemble_an_option_and_program_arguments_are_not_it(string line)
    {
        Set(line);

        Assert.True(BootOptions.Find("guestos.exit"u8, out _) == null);
    }

    [Theory]
    [InlineData("quiet", true)]
    [InlineData("a=1  quiet b", true)]
    [InlineData("", false)]
    [InlineData("quiets", false)]
    [InlineData("quie", false)]
    [InlineData("quiet=1", false)]
    [InlineData("a=quiet", false)]
    [InlineData("a -- quiet", false)]
    public void A_word_is_there_or_not(string line, bool expected)
    {
        Set(line);
        Assert.Equal(expected, BootOptions.Has("quiet"u8));
    }

    [Theory]
    [InlineData("n=4", 4)]
    [InlineData("n=0x40", 64)]
    [InlineData("n=", 7)]
    [InlineData("n=4x", 7)]
    [InlineData("n=-1", 7)]
    [InlineData("", 7)]
    public void A_number_is_decimal_or_hexadecimal_and_anything_else_is_the_default(string line, ulong value)
    {
        Set(line);

        Assert.Equal(value, BootOptions.Number("n"u8, 7));
    }

    [Fact]
    public void Arguments_of_the_program_follow_two_dashes()
    {
        Set("a=1 -- one \"two three\" --");

        Assert.Equal(" one \"two three\" --", Encoding.UTF8.GetString(BootOptions.ProgramArguments(), 19));
    }

    [Fact]
    public void Without_two_dashes_there_are_no_arguments()
    {
        Set("a=--b ---");

        Assert.True(BootOptions.ProgramArguments() == null);
    }

    [Fact]
    public void Words_with_a_prefix_come_one_after_another()
    {
        Set("env.A=1 b=2 env.=x env.C=\"3 4\" -- env.D=5");
        byte* cursor = BootInfo.CommandLine;
        var found = new List<string>();
        while (BootOptions.NextWithPrefix(ref cursor, "env."u8, out byte* word, out int length))
            found.Add(Encoding.UTF8.GetString(word, length));

        Assert.Equal(["A=1", "=x", "C=\"3 4\""], found);
    }

    private static void Set(string line)
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes(line), 0];
        fixed (byte* text = bytes)
            BootInfo.SetCommandLine(text, (uint)bytes.Length);
    }
}
