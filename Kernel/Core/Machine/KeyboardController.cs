namespace GuestOS.Kernel.Core;

/// <summary>The 8042 keyboard controller (IBM PS/2 technical reference, "Keyboard and auxiliary device controller"), first port only. LOCKING: the kernel lock.</summary>
internal static class KeyboardController
{
    private const ushort Data = 0x60;
    private const ushort StatusCommand = 0x64;
    private const byte OutputFull = 1;
    private const byte InputFull = 2;
    private const byte FromSecondPort = 0x20;

    private const byte ReadConfiguration = 0x20;
    private const byte WriteConfiguration = 0x60;
    private const byte DisableSecond = 0xA7;
    private const byte DisableFirst = 0xAD;
    private const byte EnableFirst = 0xAE;
    private const byte ConfigurationInterrupt = 1 << 0;
    private const byte ConfigurationClockOff = 1 << 4;
    private const byte ConfigurationTranslate = 1 << 6;
    private const byte KeyboardEnable = 0xF4;

    private const int Bound = 10_000;
    private const int MostPending = 32;

    /// <summary>Looks for the controller and makes it interrupt on keys, with scan codes of set 1. False: there is none.</summary>
    public static bool Initialize()
    {
        if (Cpu.In8(StatusCommand) == 0xFF)
            return false;
        if (!Command(DisableFirst) || !Command(DisableSecond))
            return false;
        for (int i = 0; i < MostPending && (Cpu.In8(StatusCommand) & OutputFull) != 0; i++)
            Cpu.In8(Data);
        if (!Command(ReadConfiguration) || !WaitOutput())
            return false;
        byte configuration = Cpu.In8(Data);
        configuration = (byte)((configuration | ConfigurationInterrupt | ConfigurationTranslate) & ~ConfigurationClockOff);
        if (!Command(WriteConfiguration) || !Send(configuration) || !Command(EnableFirst) || !Send(KeyboardEnable))
            return false;
        // The keyboard's acknowledgement; one that is not there does not answer, and typing just never happens.
        if (WaitOutput())
            Cpu.In8(Data);
        return true;
    }

    /// <summary>Next scan code; false when there is none. Bytes of a mouse are dropped.</summary>
    public static bool TryRead(out byte code)
    {
        for (int i = 0; i < MostPending; i++)
        {
            byte status = Cpu.In8(StatusCommand);
            if ((status & OutputFull) == 0 || status == 0xFF)
                break;
            code = Cpu.In8(Data);
            if ((status & FromSecondPort) == 0)
                return true;
        }

        code = 0;
        return false;
    }

    private static bool Command(byte command)
    {
        if (!WaitInput())
            return false;
        Cpu.Out8(StatusCommand, command);
        return true;
    }

    private static bool Send(byte value)
    {
        if (!WaitInput())
            return false;
        Cpu.Out8(Data, value);
        return true;
    }

    private static bool WaitInput()
    {
        for (int i = 0; i < Bound; i++)
        {
            if ((Cpu.In8(StatusCommand) & InputFull) == 0)
                return true;
        }

        return false;
    }

    private static bool WaitOutput()
    {
        for (int i = 0; i < Bound; i++)
        {
            if ((Cpu.In8(StatusCommand) & OutputFull) != 0)
                return true;
        }

        return false;
    }
}
