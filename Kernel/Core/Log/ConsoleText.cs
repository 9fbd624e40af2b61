namespace GuestOS.Kernel.Core;

/// <summary>
/// The screen's text: cursor, lines, scrolling. Nothing here touches the screen: <see cref="ScreenPainter"/> paints what has changed.
/// </summary>
internal static unsafe class ConsoleText
{
    /// <summary>Light grey on black.</summary>
    public const byte DefaultColours = 0x07;

    private const int MaximumColumns = 256;
    private const int TabWidth = 8;

    /// <summary>The cells.</summary>
    public static ConsoleCells Cells;

    /// <summary>Characters of a row.</summary>
    public static int Columns;

    /// <summary>Rows.</summary>
    public static int Rows;

    /// <summary>Row of the ring that is the screen's first.</summary>
    public static int TopRow;

    /// <summary>The cursor's column. Equal to <see cref="Columns"/> after the last column was written: the next character wraps.</summary>
    public static int CursorColumn;

    /// <summary>The cursor's row.</summary>
    public static int CursorRow;

    /// <summary>False while an escape sequence hides the cursor.</summary>
    public static bool CursorVisible;

    /// <summary>Colours of what is written: foreground in bits 0-3, background in 4-7.</summary>
    public static byte Colours;

    /// <summary>First and last row that differ from the screen; none when the first is greater.</summary>
    public static int FirstChanged, LastChanged;

    /// <summary>Takes so many columns and rows of a screen as there are cells for, and blanks both wanted and shown text.</summary>
    public static void Init(int columns, int rows)
    {
        Columns = columns > MaximumColumns ? MaximumColumns : columns;
        int most = ConsoleCells.Capacity / Columns;
        Rows = rows > most ? most : rows;
        TopRow = 0;
        CursorColumn = 0;
        CursorRow = 0;
        CursorVisible = true;
        Colours = DefaultColours;
        for (int i = 0; i < Columns * Rows; i++)
        {
            Cells.Wanted[i] = Blank(DefaultColours);
            Cells.Shown[i] = Blank(DefaultColours);
        }

        FirstChanged = 0;
        LastChanged = 0;
    }

    /// <summary>Index into the wanted cells of a row's first.</summary>
    public static int WantedRow(int row)
    {
        int ring = TopRow + row;
        if (ring >= Rows)
            ring -= Rows;
        return ring * Columns;
    }

    /// <summary>Index into the shown cells of a row's first.</summary>
    public static int ShownRow(int row) => row * Columns;

    /// <summary>Writes a printable character at the cursor.</summary>
    public static void Put(byte character)
    {
        if (CursorColumn >= Columns)
        {
            CursorColumn = 0;
            LineFeed();
        }

        Cells.Wanted[WantedRow(CursorRow) + CursorColumn] = (ushort)(Colours << 8 | character);
        Touch(CursorRow);
        CursorColumn++;
    }

    /// <summary>Moves to the next row, scrolling at the bottom.</summary>
    public static void LineFeed()
    {
        Touch(CursorRow);
        if (CursorRow + 1 < Rows)
        {
            CursorRow++;
            Touch(CursorRow);
            return;
        }

        Scroll();
    }

    /// <summary>Moves to the first column.</summary>
    public static void CarriageReturn() => MoveTo(CursorRow, 0);

    /// <summary>Moves one column left.</summary>
    public static void Backspace() => MoveTo(CursorRow, Column() - 1);

    /// <summary>Moves to the next multiple of eight columns.</summary>
    public static void Tab() => MoveTo(CursorRow, (Column() / TabWidth + 1) * TabWidth);

    /// <summary>Moves the cursor, held to the screen.</summary>
    public static void MoveTo(int row, int column)
    {
        Touch(CursorRow);
        CursorRow = Clamp(row, Rows);
        CursorColumn = Clamp(column, Columns);
        Touch(CursorRow);
    }

    /// <summary>The column that the cursor is shown at.</summary>
    public static int Column() => CursorColumn < Columns ? CursorColumn : Columns - 1;

    /// <summary>Blanks cells of a row, from one column on up to but without another.</summary>
    public static void Erase(int row, int from, int to)
    {
        int cells = WantedRow(row);
        for (int column = from; column < to; column++)
            Cells.Wanted[cells + column] = Blank(Colours);
        Touch(row);
    }

    /// <summary>Blanks whole rows, from one on up to but without another.</summary>
    public static void EraseRows(int from, int to)
    {
        for (int row = from; row < to; row++)
            Erase(row, 0, Columns);
    }

    /// <summary>Notes that a row may differ from the screen.</summary>
    public static void Touch(int row)
    {
        if (row < FirstChanged)
            FirstChanged = row;
        if (row > LastChanged)
            LastChanged = row;
    }

    // An eighth of the screen at once: repainting is the cost, and most of a log's lines then come free.
    private static void Scroll()
    {
        int step = Rows / 8;
        if (step == 0)
            step = 1;
        int row = Rows - step;
        TopRow += step;
        if (TopRow >= Rows)
            TopRow -= Rows;
        byte colours = Colours;
        Colours = DefaultColours;
        EraseRows(row, Rows);
        Colours = colours;
        CursorRow = row;
        FirstChanged = 0;
        LastChanged = Rows - 1;
    }

    private static ushort Blank(byte colours) => (ushort)(colours << 8 | ' ');

    private static int Clamp(int value, int count) => value < 0 ? 0 : value >= count ? count - 1 : value;
}
