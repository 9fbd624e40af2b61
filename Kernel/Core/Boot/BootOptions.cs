namespace GuestOS.Kernel.Core;

/// <summary>
/// The options of the kernel command line that the low-level kernel itself obeys. Words are separated by spaces, an option is
/// <c>name=value</c>; double quotes keep spaces together. Everything else is for the managed kernel.
/// </summary>
internal static unsafe class BootOptions
{
    /// <summary>Finds <c>name=</c>; returns its value and the value's length, or null.</summary>
    public static byte* Find(ReadOnlySpan<byte> name, out int length)
    {
        byte* text = BootInfo.CommandLine;
        while (*text != 0)
        {
            while (*text == ' ')
                text++;
            byte* word = text;
            if (IsSeparator(word))
                break;
            bool match = true;
            foreach (byte c in name)
            {
                if (*text != c)
                {
                    match = false;
                    break;
                }

                text++;
            }

            if (match && *text == '=')
            {
                byte* value = ++text;
                length = (int)(SkipWord(text) - value);
                return value;
            }

            text = SkipWord(word);
        }

        length = 0;
        return null;
    }

    /// <summary>A decimal or 0x number, or the default when the option is absent or not a number.</summary>
    public static ulong Number(ReadOnlySpan<byte> name, ulong absent)
    {
        byte* value = Find(name, out int length);
        if (value == null || length == 0)
            return absent;
        ulong result = 0;
        int i = 0;
        ulong radix = 10;
        if (length > 2 && value[0] == '0' && (value[1] | 0x20) == 'x')
        {
            radix = 16;
            i = 2;
        }

        for (; i < length; i++)
        {
            uint c = (uint)(value[i] | 0x20);
            uint digit = c is >= '0' and <= '9' ? c - '0' : c is >= 'a' and <= 'f' ? c - 'a' + 10 : 99;
            if (digit >= radix)
                return absent;
            result = (result * radix) + digit;
        }

        return result;
    }

    /// <summary>Whether the option has exactly this value.</summary>
    public static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> wanted)
    {
        byte* value = Find(name, out int length);
        return value != null && Equal(value, length, wanted);
    }

    /// <summary>Whether the command line has a word that is no option with a value.</summary>
    public static bool Has(ReadOnlySpan<byte> word)
    {
        byte* cursor = BootInfo.CommandLine;
        while (NextWithPrefix(ref cursor, ReadOnlySpan<byte>.Empty, out byte* found, out int length))
        {
            if (Equal(found, length, word))
                return true;
        }

        return false;
    }

    /// <summary>The next word that starts with a prefix, without it; moves the cursor behind the word. False at the end.</summary>
    public static bool NextWithPrefix(ref byte* cursor, ReadOnlySpan<byte> prefix, out byte* word, out int length)
    {
        while (*cursor != 0)
        {
            while (*cursor == ' ')
                cursor++;
            word = cursor;
            if (IsSeparator(word))
                break;
            cursor = SkipWord(cursor);
            bool match = true;
            foreach (byte c in prefix)
            {
                if (*word++ != c)
                {
                    match = false;
                    break;
                }
            }

            length = (int)(cursor - word);
            if (match && length > 0)
                return true;
        }

        word = null;
        length = 0;
        return false;
    }

    /// <summary>What follows the word <c>--</c>, or null: arguments of the image's program.</summary>
    public static byte* ProgramArguments()
    {
        byte* text = BootInfo.CommandLine;
        while (*text != 0)
        {
            while (*text == ' ')
                text++;
            if (IsSeparator(text))
                return text + 2;
            text = SkipWord(text);
        }

        return null;
    }

    private static bool Equal(byte* text, int length, ReadOnlySpan<byte> wanted)
    {
        if (length != wanted.Length)
            return false;
        foreach (byte c in wanted)
        {
            if (*text++ != c)
                return false;
        }

        return true;
    }

    private static bool IsSeparator(byte* word) => word[0] == '-' && word[1] == '-' && (word[2] is 0 or (byte)' ');

    private static byte* SkipWord(byte* text)
    {
        bool quoted = false;
        while (*text != 0 && (quoted || *text != ' '))
        {
            if (*text == '"')
                quoted = !quoted;
            text++;
        }

        return text;
    }
}
