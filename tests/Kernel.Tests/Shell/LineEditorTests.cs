using GuestOS.Kernel.Shell;
using GuestOS.Kernel.Tests.Fakes;

namespace GuestOS.Kernel.Tests.Shell;

public sealed class LineEditorTests
{
    private const string Left = "\e[D";
    private const string Right = "\e[C";
    private const string Up = "\e[A";
    private const string Down = "\e[B";

    [Theory]
    [InlineData("abc\r", "abc")]
    [InlineData("ac" + Left + "b\r", "abc")]
    [InlineData("abc\x7f\x7fx\r", "ax")]
    [InlineData("abc\e[H\e[3~\r", "bc")]
    [InlineData("abc\x01x\x05y\r", "xabcy")]
    [InlineData("abcd" + Left + Left + "\x0b\r", "ab")]
    [InlineData("abcd" + Left + "\x15\r", "d")]
    [InlineData("one two  \x17three\r", "one three")]
    [InlineData("\x7f\x17\x15\x0b\e[3~" + Left + Right + Up + Down + "x\r", "x")]
    [InlineData("größe" + Left + Left + "\x7f€\r", "gr€ße")]
    [InlineData("abandoned\x03", "")]
    [InlineData("a\x0c\r", "a")]
    public async Task Keys_edit_the_line(string input, string line) => Assert.Equal([line], await ReadAsync(input, 1));

    [Fact]
    public async Task Older_lines_come_back_and_what_was_typed_is_kept()
    {
        Assert.Equal(
            ["one", "two", "two", "one", "new", "two!"],
            await ReadAsync($"one\rtwo\rtwo\r{Up}{Up}{Up}\rnew{Up}{Down}\r{Up}{Up}{Up}!\r", 6));
    }

    [Fact]
    public async Task Tab_completes_as_far_as_it_is_clear()
    {
        Assert.Equal(["hash "], await ReadAsync("ha\t\r", 1));
        Assert.Equal(["de"], await ReadAsync("d\t\r", 1));
        Assert.Equal(["unknown"], await ReadAsync("unknown\t\r", 1));
        Assert.Equal(["hash x"], await ReadAsync("ha x" + Left + Left + "\t\x0bx\r", 1));
    }

    [Fact]
    public async Task Several_completions_are_shown()
    {
        var terminal = new ScriptedTerminal("de\t\r");
        await ReadAsync(terminal, 1);
        Assert.Contains("devices  delete", terminal.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_screen_shows_the_line_with_the_cursor_in_place()
    {
        var terminal = new ScriptedTerminal("abc" + Left + Left + "x\r");
        await ReadAsync(terminal, 1);
        var screen = new LineScreen(80);
        screen.Write(terminal.Output);
        Assert.Equal("> axbc", screen.Lines[0]);
        Assert.Equal(1, screen.Row);
    }

    [Fact]
    public async Task A_line_longer_than_the_screen_scrolls_and_stays_on_one_row()
    {
        string line = string.Concat(Enumerable.Range(0, 30).Select(i => $"word{i} "));
        var terminal = new ScriptedTerminal(line + "\x01\x05\r");
        Assert.Equal([line], await ReadAsync(terminal, 1));
        var screen = new LineScreen(80);
        screen.Write(terminal.Output);
        Assert.Equal(1, screen.Row);
        Assert.EndsWith("word29", screen.Lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_end_of_input_ends_reading() => Assert.Equal([null], await ReadAsync("unfinished", 1));

    private static Task<List<string?>> ReadAsync(string input, int lines) => ReadAsync(new ScriptedTerminal(input), lines);

    private static async Task<List<string?>> ReadAsync(ScriptedTerminal terminal, int lines)
    {
        string[] words = ["hash", "help", "devices", "delete"];
        var input = new ConsoleInput(terminal);
        input.Start();
        var editor = new LineEditor(input, new ConsoleOutput(terminal), text => [.. words.Where(word => word.StartsWith(text[(text.LastIndexOf(' ') + 1)..], StringComparison.Ordinal)).Where(word => word[1] != 'e' || text.StartsWith('d'))]);
        var result = new List<string?>();
        for (int i = 0; i < lines; i++)
            result.Add(await editor.ReadAsync("> "));
        return result;
    }
}
