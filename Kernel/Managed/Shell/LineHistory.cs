namespace GuestOS.Kernel.Shell;

/// <summary>Lines that were entered, and the place in them while one is chosen.</summary>
internal sealed class LineHistory
{
    private const int Capacity = 100;

    private readonly List<string> _lines = [];
    private int _place;
    private string _unfinished = "";

    /// <summary>Adds a line that was entered, unless it is blank or the same as the last one.</summary>
    public void Add(string line)
    {
        if (!string.IsNullOrWhiteSpace(line) && (_lines.Count == 0 || _lines[^1] != line))
        {
            if (_lines.Count == Capacity)
                _lines.RemoveAt(0);
            _lines.Add(line);
        }

        _place = _lines.Count;
        _unfinished = "";
    }

    /// <summary>The line before; what is being typed is kept as the newest.</summary>
    public bool TryGoBack(string current, out string line)
    {
        line = current;
        if (_place == 0)
            return false;
        if (_place == _lines.Count)
            _unfinished = current;
        line = _lines[--_place];
        return true;
    }

    /// <summary>The line after, at last what was being typed.</summary>
    public bool TryGoForward(out string line)
    {
        line = "";
        if (_place >= _lines.Count)
            return false;
        line = ++_place == _lines.Count ? _unfinished : _lines[_place];
        return true;
    }
}
