namespace GuestOS.Kernel.Core;

/// <summary>
/// The human log: a ring in memory, COM1 and the screen. Also carries raw console output, which goes past the ring.
/// LOCKING: the kernel lock, single-processor boot, or a panic that has stopped everyone else.
/// </summary>
internal static unsafe class KernelLog
{
    public const int Debug = 0;
    public const int Info = 1;
    public const int Warning = 2;
    public const int Error = 3;

    /// <summary>Bytes that the ring keeps; a power of two.</summary>
    public const ulong Capacity = 128 << 10;

    private const int MaximumNumber = 20;

    private struct Ring
    {
        public fixed byte Bytes[(int)Capacity];
    }

    /// <summary>Room for digits. Not on the stack: the compiler would guard such a frame with the runtime's stack cookie.</summary>
    private struct Digits
    {
        public fixed byte Bytes[MaximumNumber];
    }

    private static Ring s_ring;
    private static Digits s_digits;
    private static SerialPort s_port;
    private static ulong s_end;
    private static bool s_color;
    private static bool s_isQuiet;
    private static bool s_isHidden;

    /// <summary>Position one past the newest byte; positions grow for ever.</summary>
    public static ulong End => s_end;

    public static ulong Oldest => s_end > Capacity ? s_end - Capacity : 0;

    public static ulong WarningCount, ErrorCount;

    public static void Initialize() => Serial.Probe(ref s_port, Serial.Com1);

    public static bool HasPort => s_port.Present;

    public static void EnableInput() => Serial.EnableReceiveInterrupt(ref s_port);

    public static bool TryReadInput(out byte value) => Serial.TryRead(ref s_port, out value);

    public static void Drain() => Serial.Drain(ref s_port);

    /// <summary>Keeps lines below <see cref="Warning"/> from the console; the ring has them.</summary>
    public static void BeQuiet() => s_isQuiet = true;

    /// <summary>Starts a line: time and level.</summary>
    public static void Begin(int level)
    {
        s_isHidden = s_isQuiet && level < Warning;
        ulong microseconds = Clock.NowNanoseconds() / 1000;
        Write("["u8);
        Padded(microseconds / 1_000_000, 5, (byte)' ');
        Write("."u8);
        Padded(microseconds % 1_000_000, 6, (byte)'0');
        Write("] "u8);
        s_color = level >= Warning;
        if (level == Warning)
        {
            WarningCount++;
            Raw("\e[33m"u8);
        }
        else if (level == Error)
        {
            ErrorCount++;
            Raw("\e[31m"u8);
        }
    }

    public static void EndLine()
    {
        if (s_color)
            Raw("\e[0m"u8);
        s_color = false;
        Write("\n"u8);
        s_isHidden = false;
        Serial.Flush(ref s_port);
    }

    public static void Write(ReadOnlySpan<byte> text)
    {
        fixed (byte* bytes = text)
            Write(bytes, (ulong)text.Length);
    }

    public static void Write(byte* text, ulong length)
    {
        fixed (byte* ring = s_ring.Bytes)
        {
            for (ulong i = 0; i < length; i++)
                ring[(s_end + i) & (Capacity - 1)] = text[i];
        }

        s_end += length;
        if (!s_isHidden)
            Show(text, length);
    }

    public static void Text(byte* zeroTerminated)
    {
        ulong length = 0;
        while (zeroTerminated[length] != 0)
            length++;
        Write(zeroTerminated, length);
    }

    /// <summary>A hexadecimal number with 0x.</summary>
    public static void Hex(ulong value)
    {
        fixed (byte* digits = s_digits.Bytes)
        {
            int at = MaximumNumber;
            do
            {
                uint digit = (uint)value & 15;
                digits[--at] = (byte)(digit < 10 ? '0' + digit : 'a' + digit - 10);
                value >>= 4;
            }
            while (value != 0);
            digits[--at] = (byte)'x';
            digits[--at] = (byte)'0';
            Write(digits + at, (ulong)(MaximumNumber - at));
        }
    }

    public static void Dec(ulong value) => Padded(value, 1, (byte)' ');

    /// <summary>Copies log bytes from a position on; returns how many.</summary>
    public static ulong Read(ulong position, byte* destination, ulong length)
    {
        if (position < Oldest)
            position = Oldest;
        if (position >= s_end)
            return 0;
        if (length > s_end - position)
            length = s_end - position;
        fixed (byte* ring = s_ring.Bytes)
        {
            for (ulong i = 0; i < length; i++)
                destination[i] = ring[(position + i) & (Capacity - 1)];
        }

        return length;
    }

    /// <summary>Raw output to COM1 and the screen.</summary>
    public static void Console(byte* text, ulong length)
    {
        Show(text, length);
        Serial.Flush(ref s_port);
    }

    /// <summary>A line feed becomes carriage return and line feed on the serial line.</summary>
    private static void Show(byte* text, ulong length)
    {
        ulong start = 0;
        for (ulong i = 0; i < length; i++)
        {
            if (text[i] != '\n' || (i != 0 && text[i - 1] == '\r'))
                continue;
            Serial.Put(ref s_port, text + start, i - start);
            fixed (byte* carriageReturn = "\r"u8)
                Serial.Put(ref s_port, carriageReturn, 1);
            start = i;
        }

        Serial.Put(ref s_port, text + start, length - start);
        FrameBufferConsole.Write(text, length);
    }

    private static void Raw(ReadOnlySpan<byte> text)
    {
        fixed (byte* bytes = text)
            Show(bytes, (ulong)text.Length);
    }

    private static void Padded(ulong value, int width, byte fill)
    {
        fixed (byte* digits = s_digits.Bytes)
        {
            int at = MaximumNumber;
            do
            {
                digits[--at] = (byte)('0' + (value % 10));
                value /= 10;
            }
            while (value != 0);
            while (MaximumNumber - at < width)
                digits[--at] = fill;
            Write(digits + at, (ulong)(MaximumNumber - at));
        }
    }
}
