using System.Globalization;
using System.Text;

namespace GuestOS.Kernel.Tests.Shell;

/// <summary>As much of an ANSI terminal as the line editor uses: carriage return, line feed, clear to end of line, cursor left, wrap.</summary>
internal sealed class LineScreen
{
    private readonly int _columns;
    private readonly List<StringBuilder> _rows = [new()];
    private int _column;

    public LineScreen(int columns) => _columns = columns;

    public int Row { get; private set; }

    public IReadOnlyList<string> Lines => [.. _rows.Select(row => row.ToString().TrimEnd())];

    public void Write(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '\r':
                    _column = 0;
                    break;
                case '\n':
                    NextRow();
                    break;
                case '\e':
                    i = Sequence(text, i + 2);
                    break;
                default:
                    Put(text[i]);
                    break;
            }
        }
    }

    private int Sequence(string text, int start)
    {
        int end = start;
        while (char.IsAsciiDigit(text[end]))
            end++;
        if (text[end] == 'K')
            _rows[Row].Length = Math.Min(_rows[Row].Length, _column);
        else if (text[end] == 'D')
            _column -= int.Parse(text[start..end], CultureInfo.InvariantCulture);
        else
            Assert.Fail($"The editor sent an unknown sequence that ends with {text[end]}.");
        Assert.InRange(_column, 0, _columns);
        return end;
    }

    private void NextRow()
    {
        Row++;
        if (Row == _rows.Count)
            _rows.Add(new StringBuilder());
    }

    private void Put(char character)
    {
        if (_column == _columns)
        {
            _column = 0;
            NextRow();
        }

        StringBuilder row = _rows[Row];
        while (row.Length <= _column)
            row.Append(' ');
        row[_column++] = character;
    }
}
