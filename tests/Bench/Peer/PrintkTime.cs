using System.Globalization;
using System.Text.RegularExpressions;

namespace GuestOS.Bench.Peer;

/// <summary>The time in a line of Linux's kernel log.</summary>
internal static partial class PrintkTime
{
    /// <summary>Seconds of the kernel's clock. The clock begins some moments after the kernel was entered: until then the log says zero.</summary>
    /// <param name="line">A line as dmesg shows it: <c>[    1.234567] text</c>, with a level before it or a caller behind it.</param>
    /// <returns>Null when the line has no time.</returns>
    public static double? Parse(string line) =>
        Form().Match(line) is { Success: true } match ? double.Parse(match.Groups["seconds"].ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) : null;

    [GeneratedRegex(@"^\s*(<\d+>)?\[\s*(?<seconds>\d+\.\d+)\]")]
    private static partial Regex Form();
}
