using System.Text;

namespace GuestOS.Kernel.Shell;

/// <summary>A line of text with a cursor: the editing itself, without any terminal.</summary>
internal sealed class LineBuffer
{
    private readonly List<Rune> _text = [];

    /// <summary>Characters before the cursor.</summary>
    public int Cursor { get; private set; }

    /// <summary>Length in characters.</summary>
    public int Length => _text.Count;

    /// <summary>The whole line.</summary>
    public string Text => Range(0, _text.Count);

    /// <summary>What is before the cursor.</summary>
    public string BeforeCursor => Range(0, Cursor);

    /// <summary>A part of the line.</summary>
    public string Range(int start, int count)
    {
        var text = new StringBuilder();
        for (int i = start; i < start + count; i++)
            text.Append(_text[i].ToString());
        return text.ToString();
    }

    /// <summary>Replaces the line; the cursor goes to its end.</summary>
    public void Set(string text)
    {
        _text.Clear();
        _text.AddRange(text.EnumerateRunes());
        Cursor = _text.Count;
    }

    public void Insert(Rune character) => _text.Insert(Cursor++, character);

    public void Insert(string text)
    {
        foreach (Rune character in text.EnumerateRunes())
            Insert(character);
    }

    public void MoveTo(int position) => Cursor = Math.Clamp(position, 0, _text.Count);

    /// <summary>Deletes the character before the cursor.</summary>
    public void Backspace()
    {
        if (Cursor > 0)
            _text.RemoveAt(--Cursor);
    }

    /// <summary>Deletes the character under the cursor.</summary>
    public void Delete()
    {
        if (Cursor < _text.Count)
            _text.RemoveAt(Cursor);
    }

    public void KillToEnd() => _text.RemoveRange(Cursor, _text.Count - Cursor);

    public void KillToStart()
    {
        _text.RemoveRange(0, Cursor);
        Cursor = 0;
    }

    /// <summary>Deletes blanks and then a word before the cursor.</summary>
    public void KillWord()
    {
        int start = Cursor;
        while (start > 0 && Rune.IsWhiteSpace(_text[start - 1]))
            start--;
        while (start > 0 && !Rune.IsWhiteSpace(_text[start - 1]))
            start--;
        _text.RemoveRange(start, Cursor - start);
        Cursor = start;
    }
}
