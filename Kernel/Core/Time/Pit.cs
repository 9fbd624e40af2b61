namespace GuestOS.Kernel.Core;

/// <summary>Channel 2 of the 8254 interval timer (Intel 8254 data sheet), which the gate of port 0x61 controls: a reference for calibration.</summary>
internal static class Pit
{
    /// <summary>Counts in a second: 14.31818 MHz over 12.</summary>
    public const ulong Frequency = 1_193_182;

    /// <summary>The counter's bits.</summary>
    public const uint Mask = 0xFFFF;

    private const ushort Channel0 = 0x40;
    private const ushort Channel2 = 0x42;
    private const ushort Command = 0x43;
    private const ushort Gate = 0x61;
    private const byte GateBits = 0x03;
    private const byte GateOn = 0x01;

    // Channel 2, low then high byte, one-shot (mode 0).
    private const byte OneShot2 = 0xB0;
    private const byte Latch2 = 0x80;

    // Channel 0, low then high byte, one-shot: without a count loaded its output, interrupt 0, stays low.
    private const byte OneShot0 = 0x30;

    private static byte s_gate;

    /// <summary>Starts the one-shot from its highest count, speaker off. False: there is no counter. End with <see cref="Stop"/>.</summary>
    public static bool Start()
    {
        s_gate = Cpu.In8(Gate);
        Cpu.Out8(Gate, (byte)(s_gate & ~GateBits | GateOn));
        Cpu.Out8(Command, OneShot2);
        Cpu.Out8(Channel2, 0xFF);
        Cpu.Out8(Channel2, 0xFF);

        uint first = Read();
        for (int i = 0; i < 1000; i++)
        {
            if (Read() != first)
                return true;
        }

        Stop();
        return false;
    }

    /// <summary>Counts since the start, 16 bits: 55 ms.</summary>
    public static uint Read()
    {
        Cpu.Out8(Command, Latch2);
        uint low = Cpu.In8(Channel2);
        uint high = Cpu.In8(Channel2);
        return 0xFFFF - (high << 8 | low);
    }

    /// <summary>Puts the gate back as it was.</summary>
    public static void Stop() => Cpu.Out8(Gate, s_gate);

    /// <summary>Channel 0 raises interrupt 0 once after a time span, at most 54 ms: the scheduler's timer where there is no local APIC.</summary>
    public static void StartOneShot(ulong nanoseconds)
    {
        const ulong longest = 54_000_000;
        if (nanoseconds > longest)
            nanoseconds = longest;
        ulong count = nanoseconds * Frequency / 1_000_000_000;
        if (count == 0)
            count = 1;
        Cpu.Out8(Command, OneShot0);
        Cpu.Out8(Channel0, (byte)count);
        Cpu.Out8(Channel0, (byte)(count >> 8));
    }

    /// <summary>Silences channel 0, which firmware leaves ticking at 18 Hz.</summary>
    public static void StopPeriodicTick()
    {
        Cpu.Out8(Command, OneShot0);
        Cpu.Out8(Channel0, 0);
    }
}
