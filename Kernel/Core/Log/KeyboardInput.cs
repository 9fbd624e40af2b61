namespace GuestOS.Kernel.Core;

/// <summary>
/// Turns scan codes of set 1 into what a terminal would send: characters of the US layout, control characters, and escape sequences for
/// the cursor keys, so that the console needs to know only one kind of input. LOCKING: the kernel lock.
/// </summary>
internal static unsafe class KeyboardInput
{
    private const byte Extended = 0xE0;
    private const byte Released = 0x80;
    private const byte LeftShift = 0x2A;
    private const byte RightShift = 0x36;
    private const byte Control = 0x1D;
    private const byte CapsLock = 0x3A;

    private static bool s_shift, s_control, s_caps, s_extended;

    /// <summary>Handle of the keyboard's interrupt; 0 when there is no keyboard.</summary>
    public static int InterruptHandle;

    // Index = scan code 0x00 to 0x39; 0 = nothing.
    private static ReadOnlySpan<byte> Plain => "\0\e1234567890-=\b\tqwertyuiop[]\r\0asdfghjkl;'`\0\\zxcvbnm,./\0*\0 "u8;

    private static ReadOnlySpan<byte> Shifted => "\0\e!@#$%^&*()_+\b\tQWERTYUIOP{}\r\0ASDFGHJKL:\"~\0|ZXCVBNM<>?\0*\0 "u8;

    public static void Start()
    {
        if (!KeyboardController.Initialize())
            return;
        const uint keyboardIrq = 1;
        long handle = Interrupts.Open(keyboardIrq, InterruptFlags.Isa);
        if (handle < 0)
            return;
        InterruptHandle = (int)handle;
        Interrupts.Unmask(InterruptHandle);
    }

    /// <summary>The controller has interrupted.</summary>
    public static void Receive()
    {
        while (KeyboardController.TryRead(out byte code))
            Take(code);
    }

    /// <summary>One scan code.</summary>
    public static void Take(byte code)
    {
        if (code == Extended)
        {
            s_extended = true;
            return;
        }

        bool extended = s_extended;
        s_extended = false;
        bool down = (code & Released) == 0;
        byte key = (byte)(code & ~Released);
        switch (key)
        {
            case LeftShift or RightShift:
                s_shift = extended ? s_shift : down;
                return;
            case Control:
                s_control = down;
                return;
        }

        if (!down)
            return;
        if (key == CapsLock)
            s_caps = !s_caps;
        else if (extended)
            Sequence(key);
        else if (key < Plain.Length)
            Character(key);
    }

    private static void Character(byte key)
    {
        fixed (byte* plain = Plain)
        fixed (byte* shifted = Shifted)
        {
            byte value = plain[key];
            bool isLetter = value is >= (byte)'a' and <= (byte)'z';
            if (s_control)
            {
                if (isLetter)
                    ConsoleInput.Add((byte)(value - 'a' + 1));
                return;
            }

            if (s_shift != (s_caps && isLetter))
                value = shifted[key];
            if (value != 0)
                ConsoleInput.Add(value);
        }
    }

    // Codes behind 0xE0: the grey keys. Terminal sequences of ECMA-48 and of the VT220.
    private static void Sequence(byte key)
    {
        switch (key)
        {
            case 0x48:
                Send("\e[A"u8);
                break;
            case 0x50:
                Send("\e[B"u8);
                break;
            case 0x4D:
                Send("\e[C"u8);
                break;
            case 0x4B:
                Send("\e[D"u8);
                break;
            case 0x47:
                Send("\e[H"u8);
                break;
            case 0x4F:
                Send("\e[F"u8);
                break;
            case 0x53:
                Send("\e[3~"u8);
                break;
            case 0x1C:
                ConsoleInput.Add((byte)'\r');
                break;
            case 0x35:
                ConsoleInput.Add((byte)'/');
                break;
        }
    }

    private static void Send(ReadOnlySpan<byte> sequence)
    {
        foreach (byte c in sequence)
            ConsoleInput.Add(c);
    }
}
