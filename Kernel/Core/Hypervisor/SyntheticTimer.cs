namespace GuestOS.Kernel.Core;

/// <summary>
/// Synthetic timer 0 of the processor that runs (TLFS 12.3): one-shot at a value of the reference time, told by an interrupt vector of
/// its own (direct mode) or by a message in the slot of <see cref="SynIc.TimerSint"/>.
/// </summary>
internal static unsafe class SyntheticTimer
{
    private const ulong AutoEnable = 1 << 3;
    private const ulong Direct = 1 << 12;
    private const int VectorShift = 4;
    private const int SintShift = 16;

    /// <summary>Value of the CONFIG register for a one-shot timer that a count starts.</summary>
    public static ulong Configuration(bool direct, byte vector, int sint) =>
        direct ? AutoEnable | Direct | (ulong)vector << VectorShift : AutoEnable | (ulong)sint << SintShift;

    /// <summary>Prepares the calling processor's timer, stopped. False when the hypervisor refuses.</summary>
    public static bool Enable(bool direct, byte vector, bool autoEoi) =>
        Cpu.TryWriteMsr(HyperVMsr.Timer0Config, 0) != 0
        && Cpu.TryWriteMsr(HyperVMsr.Timer0Count, 0) != 0
        && (direct || SynIc.Unmask(SynIc.TimerSint, vector, autoEoi))
        && Cpu.TryWriteMsr(HyperVMsr.Timer0Config, Configuration(direct, vector, SynIc.TimerSint)) != 0;

    /// <summary>Stops the calling processor's timer for good.</summary>
    public static void Disable()
    {
        Cpu.TryWriteMsr(HyperVMsr.Timer0Config, 0);
        Cpu.TryWriteMsr(HyperVMsr.Timer0Count, 0);
    }

    /// <summary>Fires once at that reference time, at once when it is past. Replaces what was armed before.</summary>
    public static void Start(ulong referenceTime) => Cpu.WriteMsr(HyperVMsr.Timer0Count, referenceTime == 0 ? 1 : referenceTime);

    /// <summary>Takes the timer's message out of its slot, so that the next one finds room, and asks for what waits.</summary>
    public static void TakeMessage(CpuArea* cpu)
    {
        byte* slot = (byte*)cpu->HyperV.Messages + (SynIc.TimerSint * SynIcSlot.Size);
        bool more = SynIcSlot.Take(slot, out uint type, out byte size, out uint timer);
        if (type != 0 && SynIcSlot.IsTimer(type, size, timer))
            cpu->HyperV.TimerMessages++;
        else if (type != 0)
            cpu->HyperV.BadMessages++;
        if (more)
            Cpu.WriteMsr(HyperVMsr.Eom, 0);
    }
}
