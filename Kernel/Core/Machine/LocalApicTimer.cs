namespace GuestOS.Kernel.Core;

/// <summary>
/// The timer of the local APIC (Intel SDM 3A, 11.5.4), one-shot: by its own count, or at a value of the time-stamp counter.
/// It counts at its base frequency over 16, so that 32 bits last 68 s at 1 GHz.
/// </summary>
internal static class LocalApicTimer
{
    /// <summary>Offset of the timer's local vector table entry.</summary>
    public const uint Register = 0x320;

    /// <summary>Divider of the base frequency in use.</summary>
    public const uint Divider = 16;

    private const uint RegisterInitial = 0x380;
    private const uint RegisterCurrent = 0x390;
    private const uint RegisterDivide = 0x3E0;
    private const uint DivideBy16 = 0b0011;
    private const uint DivideBy1 = 0b1011;
    private const uint Masked = 1 << 16;
    private const uint DeadlineMode = 2 << 17;
    private const uint DeadlineMsr = 0x6E0;

    /// <summary>Prepares this processor's timer, stopped; nothing without a local APIC. <paramref name="deadline"/> only where <see cref="LocalApic.TscDeadline"/> is true.</summary>
    public static void Enable(byte vector, bool deadline)
    {
        if (!LocalApic.Present)
            return;
        LocalApic.Write(RegisterDivide, DivideBy16);
        LocalApic.Write(RegisterInitial, 0);
        LocalApic.Write(Register, deadline ? DeadlineMode | vector : vector);
        // In the memory form the mode must be in place before the deadline's MSR is written (SDM 3A 11.5.4.1).
        if (deadline)
            Interlocked.MemoryBarrier();
    }

    /// <summary>Fires once after so many counts; 0 stops. Replaces what was armed before.</summary>
    public static void StartCount(uint count) => LocalApic.Write(RegisterInitial, count);

    /// <summary>Fires once when the time-stamp counter reaches a value, at once when it has; 0 stops.</summary>
    public static void StartDeadline(ulong tsc) => Cpu.WriteMsr(DeadlineMsr, tsc);

    /// <summary>Lets the timer run down masked at its base frequency, for its measurement.</summary>
    public static void StartMeasurement()
    {
        LocalApic.Write(Register, Masked);
        LocalApic.Write(RegisterDivide, DivideBy1);
        LocalApic.Write(RegisterInitial, 0xFFFF_FFFF);
    }

    /// <summary>Counts at the base frequency since <see cref="StartMeasurement"/>.</summary>
    public static uint ReadMeasurement() => 0xFFFF_FFFF - LocalApic.Read(RegisterCurrent);

    /// <summary>Ends a measurement.</summary>
    public static void StopMeasurement() => LocalApic.Write(RegisterInitial, 0);
}
