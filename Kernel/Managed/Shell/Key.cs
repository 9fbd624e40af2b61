using System.Text;

namespace GuestOS.Kernel.Shell;

/// <summary>What a key does in the line editor.</summary>
internal enum KeyKind
{
    /// <summary>A character to insert.</summary>
    Character,
    Enter,
    Backspace,
    Delete,
    Left,
    Right,
    Up,
    Down,
    Home,
    End,
    Tab,

    /// <summary>Ctrl-C.</summary>
    Interrupt,

    /// <summary>Ctrl-K.</summary>
    KillToEnd,

    /// <summary>Ctrl-U.</summary>
    KillToStart,

    /// <summary>Ctrl-W.</summary>
    KillWord,

    /// <summary>Ctrl-L.</summary>
    Redraw,

    /// <summary>Ctrl-D: ends the input on an empty line, deletes a character elsewhere.</summary>
    EndOfLineInput,

    /// <summary>No more input.</summary>
    EndOfInput,
}

/// <summary>A key press.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Character">The character, for <see cref="KeyKind.Character"/>.</param>
internal readonly record struct Key(KeyKind Kind, Rune Character = default);
