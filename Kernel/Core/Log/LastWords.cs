namespace GuestOS.Kernel.Core;

/// <summary>
/// What the runtime wrote to standard error: before it aborts it prints the unhandled exception with its stack trace, which then
/// belongs to the panic. LOCKING: as <see cref="KernelLog"/>.
/// </summary>
internal static unsafe class LastWords
{
    private const int Capacity = 8192;

    private struct Storage
    {
        public fixed byte Bytes[Capacity];
    }

    private static Storage s_storage;
    private static int s_length;

    public static int Length => s_length;

    public static byte* Bytes
    {
        get
        {
            fixed (byte* bytes = s_storage.Bytes)
                return bytes;
        }
    }

    /// <summary>Appends; a text that starts like the runtime's last message starts over, one that does not fit is cut.</summary>
    public static void Remember(byte* text, ulong length)
    {
        if (StartsWith(text, length, "Unhandled exception"u8) || StartsWith(text, length, "Process terminated"u8))
            s_length = 0;
        byte* bytes = Bytes;
        for (ulong i = 0; i < length && s_length < Capacity; i++)
            bytes[s_length++] = text[i];
    }

    public static bool IsUnhandledException => StartsWith(Bytes, (ulong)s_length, "Unhandled exception"u8);

    public static bool IsFailFast => StartsWith(Bytes, (ulong)s_length, "Process terminated"u8);

    /// <summary>Length of the first line.</summary>
    public static int FirstLine()
    {
        int i = 0;
        while (i < s_length && Bytes[i] != '\n')
            i++;
        return i;
    }

    private static bool StartsWith(byte* text, ulong length, ReadOnlySpan<byte> prefix)
    {
        if (length < (ulong)prefix.Length)
            return false;
        foreach (byte c in prefix)
        {
            if (*text++ != c)
                return false;
        }

        return true;
    }
}
