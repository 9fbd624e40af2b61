namespace GuestOS.Kernel.Core;

/// <summary>
/// The machine-readable log on COM2: one JSON object a line (boot/EVENTS.md). A panic needs it too, so it is written here without the
/// runtime. LOCKING: as <see cref="KernelLog"/>.
/// </summary>
internal static unsafe class EventLog
{
    private const int ScratchLength = 24;

    /// <summary>Room for digits. Not on the stack: the compiler would guard such a frame with the runtime's stack cookie.</summary>
    private struct Scratch
    {
        public fixed byte Bytes[ScratchLength];
    }

    private static SerialPort s_port;
    private static Scratch s_scratch;

    private static byte* ScratchBytes
    {
        get
        {
            fixed (byte* bytes = s_scratch.Bytes)
                return bytes;
        }
    }

    public static bool HasPort => s_port.Present;

    public static void Initialize() => Serial.Probe(ref s_port, Serial.Com2);

    public static void Drain() => Serial.Drain(ref s_port);

    /// <summary>Starts an object with its time and kind.</summary>
    public static void Begin(ReadOnlySpan<byte> kind)
    {
        Raw("{\"t\":"u8);
        Decimal(Clock.NowNanoseconds());
        Raw(",\"event\":\""u8);
        Raw(kind);
        Raw("\""u8);
    }

    public static void End()
    {
        Raw("}\n"u8);
        Serial.Flush(ref s_port);
    }

    /// <summary>A whole object whose members the caller has formatted.</summary>
    public static void Members(byte* members, ulong length)
    {
        Raw("{\"t\":"u8);
        Decimal(Clock.NowNanoseconds());
        Raw(","u8);
        Serial.Put(ref s_port, members, length);
        End();
    }

    public static void Number(ReadOnlySpan<byte> name, ulong value)
    {
        Name(name);
        Decimal(value);
    }

    public static void Text(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        fixed (byte* text = value)
            Text(name, text, value.Length);
    }

    public static void Text(ReadOnlySpan<byte> name, byte* value, int length)
    {
        Name(name);
        Raw("\""u8);
        for (int i = 0; i < length && value[i] != 0; i++)
            Escaped(value[i]);
        Raw("\""u8);
    }

    /// <summary>A number as text of sixteen hexadecimal digits.</summary>
    public static void Hex(ReadOnlySpan<byte> name, ulong value)
    {
        BeginText(name);
        HexDigits(value);
        EndText();
    }

    /// <summary>Starts a text that is put together from <see cref="HexDigits"/>, <see cref="Plain"/> and <see cref="Space"/>.</summary>
    public static void BeginText(ReadOnlySpan<byte> name)
    {
        Name(name);
        Raw("\""u8);
    }

    public static void EndText() => Raw("\""u8);

    public static void Space() => Raw(" "u8);

    /// <summary>A word of such a text, without characters that JSON escapes.</summary>
    public static void Plain(ReadOnlySpan<byte> word) => Raw(word);

    public static void HexDigits(ulong value)
    {
        byte* digits = ScratchBytes;
        for (int i = 15; i >= 0; i--, value >>= 4)
        {
            uint digit = (uint)value & 15;
            digits[i] = (byte)(digit < 10 ? '0' + digit : 'a' + digit - 10);
        }

        Serial.Put(ref s_port, digits, 16);
    }

    /// <summary>A decimal number in such a text.</summary>
    public static void Digits(ulong value) => Decimal(value);

    private static void Name(ReadOnlySpan<byte> name)
    {
        Raw(",\""u8);
        Raw(name);
        Raw("\":"u8);
    }

    private static void Escaped(byte c)
    {
        byte* bytes = ScratchBytes;
        if (c is (byte)'"' or (byte)'\\')
        {
            bytes[0] = (byte)'\\';
            bytes[1] = c;
            Serial.Put(ref s_port, bytes, 2);
        }
        else if (c < 0x20)
        {
            bytes[0] = (byte)'\\';
            bytes[1] = (byte)'u';
            bytes[2] = (byte)'0';
            bytes[3] = (byte)'0';
            bytes[4] = (byte)('0' + (c >> 4));
            uint low = c & 15u;
            bytes[5] = (byte)(low < 10 ? '0' + low : 'a' + low - 10);
            Serial.Put(ref s_port, bytes, 6);
        }
        else
        {
            bytes[0] = c;
            Serial.Put(ref s_port, bytes, 1);
        }
    }

    private static void Decimal(ulong value)
    {
        byte* digits = ScratchBytes;
        int at = 20;
        do
        {
            digits[--at] = (byte)('0' + (value % 10));
            value /= 10;
        }
        while (value != 0);
        Serial.Put(ref s_port, digits + at, (ulong)(20 - at));
    }

    private static void Raw(ReadOnlySpan<byte> text)
    {
        fixed (byte* bytes = text)
            Serial.Put(ref s_port, bytes, (ulong)text.Length);
    }
}
