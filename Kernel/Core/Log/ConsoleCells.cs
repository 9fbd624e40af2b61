namespace GuestOS.Kernel.Core;

/// <summary>
/// The screen's text: what it shall show, and what it shows. A cell holds the character in bits 0-7, the foreground colour in 8-11 and
/// the background colour in 12-15. A static of <see cref="ConsoleText"/>, never copied.
/// </summary>
internal unsafe struct ConsoleCells
{
    /// <summary>Cells at most: 240 columns by 75 rows of 1920x1200, 256 by 80 of what is larger.</summary>
    public const int Capacity = 20_480;

    /// <summary>What it shall show; rows in a ring that begins at <see cref="ConsoleText.TopRow"/>.</summary>
    public fixed ushort Wanted[Capacity];

    /// <summary>What it shows, rows from the top.</summary>
    public fixed ushort Shown[Capacity];
}
