namespace GuestOS.Boot.Build;

/// <summary>Texts as words of a shell's command line.</summary>
internal static class ShellText
{
    /// <summary>Words with spaces between them.</summary>
    public static string Join(IEnumerable<string> words) => string.Join(' ', words.Select(Quote));

    /// <summary>One word, in quotes when it needs them.</summary>
    public static string Quote(string word) =>
        word.Length != 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || "-_=,./:+".Contains(c, StringComparison.Ordinal))
            ? word
            : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
