namespace GuestOS.Kernel.Shell;

/// <summary>Reads a line with editing, history and completion on an ANSI terminal. A line longer than the terminal scrolls sideways.</summary>
internal sealed class LineEditor
{
    private const int Columns = 80;
    private const string ClearToEnd = "\e[K";
    private const string ClearScreen = "\e[2J\e[H";

    private readonly ConsoleInput _input;
    private readonly ConsoleOutput _output;
    private readonly Func<string, IReadOnlyList<string>> _complete;
    private readonly LineHistory _history = new();
    private string _prompt = "";
    private LineBuffer _line = new();

    /// <param name="input">Where keys come from.</param>
    /// <param name="output">Where the line is shown.</param>
    /// <param name="complete">All words that the last word of a text may be completed to.</param>
    public LineEditor(ConsoleInput input, ConsoleOutput output, Func<string, IReadOnlyList<string>> complete)
    {
        _input = input;
        _output = output;
        _complete = complete;
    }

    /// <summary>Characters of the line that fit beside the prompt; the last column stays free, so that the terminal does not wrap.</summary>
    private int Room => Columns - _prompt.Length - 1;

    /// <summary>Reads a line; empty after Ctrl-C, null at the end of the input (Ctrl-D on an empty line).</summary>
    public async ValueTask<string?> ReadAsync(string prompt)
    {
        _prompt = prompt;
        _line = new LineBuffer();
        Draw();
        while (true)
        {
            Key key = await _input.ReadAsync().ConfigureAwait(false);
            switch (key.Kind)
            {
                case KeyKind.EndOfInput:
                case KeyKind.EndOfLineInput when _line.Length == 0:
                    _output.WriteLine();
                    return null;
                case KeyKind.Enter:
                    _line.MoveTo(_line.Length);
                    Draw();
                    _output.WriteLine();
                    _history.Add(_line.Text);
                    return _line.Text;
                case KeyKind.Interrupt:
                    _output.WriteLine("^C");
                    _history.Add("");
                    return "";
                default:
                    Edit(key);
                    break;
            }
        }
    }

    private void Edit(Key key)
    {
        switch (key.Kind)
        {
            case KeyKind.Character:
                _line.Insert(key.Character);
                if (_line.Cursor < _line.Length || _line.Length > Room)
                    break;

                // At the end of a line that fits, the character itself is all that changes.
                _output.Write(key.Character.ToString());
                return;
            case KeyKind.Backspace:
                _line.Backspace();
                break;
            case KeyKind.Delete or KeyKind.EndOfLineInput:
                _line.Delete();
                break;
            case KeyKind.Left:
                _line.MoveTo(_line.Cursor - 1);
                break;
            case KeyKind.Right:
                _line.MoveTo(_line.Cursor + 1);
                break;
            case KeyKind.Home:
                _line.MoveTo(0);
                break;
            case KeyKind.End:
                _line.MoveTo(_line.Length);
                break;
            case KeyKind.KillToEnd:
                _line.KillToEnd();
                break;
            case KeyKind.KillToStart:
                _line.KillToStart();
                break;
            case KeyKind.KillWord:
                _line.KillWord();
                break;
            case KeyKind.Up when _history.TryGoBack(_line.Text, out string older):
                _line.Set(older);
                break;
            case KeyKind.Down when _history.TryGoForward(out string newer):
                _line.Set(newer);
                break;
            case KeyKind.Tab:
                Complete();
                break;
            case KeyKind.Redraw:
                _output.Write(ClearScreen);
                break;
            default:
                return;
        }

        Draw();
    }

    private void Complete()
    {
        string before = _line.BeforeCursor;
        string word = before[(before.LastIndexOf(' ') + 1)..];
        IReadOnlyList<string> words = _complete(before);
        if (words.Count == 0)
            return;
        string common = words.Aggregate(CommonPrefix);
        if (common.Length > word.Length && common.StartsWith(word, StringComparison.Ordinal))
            _line.Insert(common[word.Length..]);
        else if (words.Count > 1)
            _output.WriteLine("\n" + string.Join("  ", words));
        if (words.Count == 1 && !words[0].EndsWith('/'))
            _line.Insert(" ");
    }

    private static string CommonPrefix(string left, string right)
    {
        int length = 0;
        while (length < left.Length && length < right.Length && left[length] == right[length])
            length++;
        return left[..length];
    }

    private void Draw()
    {
        int start = Math.Max(0, _line.Cursor - Room);
        int shown = Math.Min(Room, _line.Length - start);
        int back = start + shown - _line.Cursor;
        string move = back > 0 ? ConsoleOutput.Format($"\e[{back}D") : "";
        _output.Write("\r" + _prompt + _line.Range(start, shown) + ClearToEnd + move);
    }
}
