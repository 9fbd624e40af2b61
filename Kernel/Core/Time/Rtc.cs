namespace GuestOS.Kernel.Core;

/// <summary>The battery-backed clock behind ports 0x70 and 0x71 (Motorola MC146818 data sheet). Callers hold the kernel lock.</summary>
internal static class Rtc
{
    private const ushort Index = 0x70;
    private const ushort Data = 0x71;
    private const byte RegisterA = 0x0A;
    private const byte RegisterB = 0x0B;
    private const byte UpdateInProgress = 0x80;

    // An update lasts at most 2.3 ms, a read about 2 µs.
    private const int UpdateBound = 20_000;
    private const int EdgeBound = 5_000_000;
    private const int Tries = 5;

    /// <summary>Nanoseconds since 1970 by the clock, in whole seconds. False when there is no clock or it holds no time.</summary>
    public static bool TryRead(out ulong unixNanoseconds)
    {
        unixNanoseconds = 0;
        if (!IsPresent())
            return false;
        RtcTime before = default;
        RtcTime after = default;
        for (int i = 0; i < Tries; i++)
        {
            if (!ReadRegisters(ref before) || !ReadRegisters(ref after))
                return false;
            if (!RtcTime.Same(ref before, ref after))
                continue;
            if (!RtcTime.TryDecode(ref after, out ulong seconds))
                return false;
            unixNanoseconds = seconds * ClockMath.NanosecondsPerSecond;
            return true;
        }

        return false;
    }

    /// <summary>Waits for the end of an update, which comes once a second: the last resort of calibration. False when none comes.</summary>
    public static bool WaitForSecond()
    {
        if (!IsPresent())
            return false;
        byte register = Register(0);
        for (int i = 0; i < EdgeBound; i++)
        {
            if (Register(0) != register)
                return true;
        }

        return false;
    }

    // An empty port reads as ones; no clock has all bits of register A set.
    private static bool IsPresent() => AcpiTables.HasRtc && Register(RegisterA) != 0xFF;

    private static bool ReadRegisters(ref RtcTime time)
    {
        int wait = 0;
        while ((Register(RegisterA) & UpdateInProgress) != 0)
        {
            if (++wait == UpdateBound)
                return false;
            Cpu.Pause();
        }

        time.Second = Register(0);
        time.Minute = Register(2);
        time.Hour = Register(4);
        time.Day = Register(7);
        time.Month = Register(8);
        time.Year = Register(9);
        time.Century = AcpiTables.CenturyIndex == 0 ? (byte)0 : Register(AcpiTables.CenturyIndex);
        time.StatusB = Register(RegisterB);
        return true;
    }

    // Bit 7 of the index is the NMI gate: zero lets NMIs through.
    private static byte Register(byte index)
    {
        Cpu.Out8(Index, (byte)(index & 0x7F));
        return Cpu.In8(Data);
    }
}
