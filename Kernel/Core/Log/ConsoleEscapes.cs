namespace GuestOS.Kernel.Core;

/// <summary>
/// Control characters and the escape sequences of ECMA-48 that the console's line editor and log use: colours, cursor movement, erasing.
/// Others are swallowed whole. Input is UTF-8; what is not ASCII shows as one question mark a character.
/// </summary>
internal static unsafe class ConsoleEscapes
{
    private const int MaximumParameters = 8;
    private const int MaximumValue = 9999;
    private const byte Escape = 0x1B;

    private static State s_state;
    private static Parameters s_parameters;
    private static int s_count;
    private static bool s_private;
    private static bool s_bold;

    private enum State
    {
        Text,
        Escaped,
        Sequence,
    }

    /// <summary>Forgets a sequence in progress.</summary>
    public static void Reset()
    {
        s_state = State.Text;
        s_bold = false;
    }

    /// <summary>Takes one byte.</summary>
    public static void Take(byte value)
    {
        switch (s_state)
        {
            case State.Text:
                TakeText(value);
                break;
            case State.Escaped:
                BeginSequence(value);
                break;
            default:
                TakeSequence(value);
                break;
        }
    }

    private static void TakeText(byte value)
    {
        if (value is >= ConsoleFont.First and <= ConsoleFont.Last)
        {
            ConsoleText.Put(value);
            return;
        }

        switch (value)
        {
            case Escape:
                s_state = State.Escaped;
                break;
            case (byte)'\n':
                // The log ends lines with a line feed alone.
                ConsoleText.CarriageReturn();
                ConsoleText.LineFeed();
                break;
            case (byte)'\r':
                ConsoleText.CarriageReturn();
                break;
            case (byte)'\b':
                ConsoleText.Backspace();
                break;
            case (byte)'\t':
                ConsoleText.Tab();
                break;
            case >= 0xC0:
                ConsoleText.Put((byte)'?');
                break;
        }
    }

    private static void BeginSequence(byte value)
    {
        s_state = value == '[' ? State.Sequence : State.Text;
        s_count = 0;
        s_private = false;
        s_parameters.Values[0] = 0;
    }

    private static void TakeSequence(byte value)
    {
        if (value is >= (byte)'0' and <= (byte)'9')
        {
            int number = s_parameters.Values[s_count] * 10 + (value - '0');
            s_parameters.Values[s_count] = number > MaximumValue ? MaximumValue : number;
            return;
        }

        if (value == ';')
        {
            if (s_count < MaximumParameters - 1)
                s_count++;
            s_parameters.Values[s_count] = 0;
            return;
        }

        if (value == '?')
            s_private = true;
        if (value is >= 0x20 and < 0x40)
            return;

        s_state = State.Text;
        if (value == Escape)
            s_state = State.Escaped;
        else if (s_private)
            SetMode(value);
        else
            Execute(value);
    }

    private static void Execute(byte final)
    {
        int row = ConsoleText.CursorRow;
        int column = ConsoleText.Column();
        switch (final)
        {
            case (byte)'A':
                ConsoleText.MoveTo(row - Count(0), column);
                break;
            case (byte)'B':
                ConsoleText.MoveTo(row + Count(0), column);
                break;
            case (byte)'C':
                ConsoleText.MoveTo(row, column + Count(0));
                break;
            case (byte)'D':
                ConsoleText.MoveTo(row, column - Count(0));
                break;
            case (byte)'G':
                ConsoleText.MoveTo(row, Count(0) - 1);
                break;
            case (byte)'H':
            case (byte)'f':
                ConsoleText.MoveTo(Count(0) - 1, Count(1) - 1);
                break;
            case (byte)'J':
                EraseScreen(row, column);
                break;
            case (byte)'K':
                EraseLine(row, column);
                break;
            case (byte)'m':
                for (int i = 0; i <= s_count; i++)
                    SetColour(s_parameters.Values[i]);
                break;
        }
    }

    // A missing or zero count means one.
    private static int Count(int index) => index > s_count || s_parameters.Values[index] == 0 ? 1 : s_parameters.Values[index];

    private static void EraseLine(int row, int column)
    {
        int mode = s_parameters.Values[0];
        ConsoleText.Erase(row, mode == 0 ? column : 0, mode == 1 ? column + 1 : ConsoleText.Columns);
    }

    private static void EraseScreen(int row, int column)
    {
        int mode = s_parameters.Values[0];
        if (mode >= 2)
        {
            ConsoleText.EraseRows(0, ConsoleText.Rows);
            return;
        }

        EraseLine(row, column);
        if (mode == 0)
            ConsoleText.EraseRows(row + 1, ConsoleText.Rows);
        else
            ConsoleText.EraseRows(0, row);
    }

    private static void SetMode(byte final)
    {
        if (s_parameters.Values[0] != 25 || final != 'h' && final != 'l')
            return;
        ConsoleText.CursorVisible = final == 'h';
        ConsoleText.Touch(ConsoleText.CursorRow);
    }

    private static void SetColour(int code)
    {
        int foreground = ConsoleText.Colours & 0x0F;
        int background = ConsoleText.Colours >> 4;
        switch (code)
        {
            case 0:
                foreground = ConsoleText.DefaultColours;
                background = 0;
                s_bold = false;
                break;
            case 1:
                foreground |= 8;
                s_bold = true;
                break;
            case 7:
                (foreground, background) = (background, foreground);
                break;
            case 22:
                foreground &= 7;
                s_bold = false;
                break;
            case >= 30 and <= 37:
                // Bold shows as the brighter colour.
                foreground = s_bold ? code - 30 + 8 : code - 30;
                break;
            case 39:
                foreground = ConsoleText.DefaultColours;
                break;
            case >= 40 and <= 47:
                background = code - 40;
                break;
            case 49:
                background = 0;
                break;
            case >= 90 and <= 97:
                foreground = code - 90 + 8;
                break;
            case >= 100 and <= 107:
                background = code - 100 + 8;
                break;
        }

        ConsoleText.Colours = (byte)(background << 4 | foreground);
    }

    private struct Parameters
    {
        public fixed int Values[MaximumParameters];
    }
}
