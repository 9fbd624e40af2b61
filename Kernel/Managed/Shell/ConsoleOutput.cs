using System.Globalization;
using System.Text;
using GuestOS.Kernel.Hardware;

namespace GuestOS.Kernel.Shell;

/// <summary>Text for the terminal: line feeds become carriage return and line feed.</summary>
internal sealed class ConsoleOutput
{
    private readonly ITerminal _terminal;

    public ConsoleOutput(ITerminal terminal) => _terminal = terminal;

    /// <summary>Writes text; control characters other than the line feed go through.</summary>
    public void Write(string text) => _terminal.Write(Encoding.UTF8.GetBytes(text.Replace("\n", "\r\n", StringComparison.Ordinal)));

    /// <summary>Writes a line.</summary>
    public void WriteLine(string text = "") => Write(text + "\n");

    /// <summary>Formats without regard to any culture.</summary>
    public static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>Writes rows in columns that are as wide as their widest cell; numbers belong in strings already.</summary>
    public void WriteTable(IReadOnlyList<string> header, IEnumerable<string[]> rows)
    {
        var lines = new List<IReadOnlyList<string>> { header };
        lines.AddRange(rows);
        var widths = new int[header.Count];
        foreach (IReadOnlyList<string> line in lines)
        {
            for (int i = 0; i < widths.Length; i++)
                widths[i] = Math.Max(widths[i], line[i].Length);
        }

        var text = new StringBuilder();
        foreach (IReadOnlyList<string> line in lines)
        {
            var row = new StringBuilder();
            for (int i = 0; i < widths.Length; i++)
                row.Append(line[i].PadRight(widths[i] + 2));
            text.Append(row.ToString().TrimEnd()).Append('\n');
        }

        Write(text.ToString());
    }
}
