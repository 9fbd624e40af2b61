namespace GuestOS.Kernel.Core;

/// <summary>From ISA interrupts to global system interrupts, their trigger modes and polarities. Pure logic over <see cref="AcpiTables"/>.</summary>
internal static unsafe class InterruptRouting
{
    private const uint PolarityMask = 3;
    private const uint ActiveHigh = 1;
    private const uint ActiveLow = 3;
    private const uint TriggerMask = 3 << 2;
    private const uint Edge = 1 << 2;
    private const uint Level = 3 << 2;

    // Timer, keyboard, cascade, clock and coprocessor are always edge-triggered (PIIX4 data sheet, ELCR reserved bits).
    private const ushort NeverLevel = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 8 | 1 << 13;

    /// <summary>The edge/level registers' value as read, or 0 when it shows that there are no such registers.</summary>
    public static ushort ValidateEdgeLevel(ushort value) => (value & NeverLevel) != 0 ? (ushort)0 : value;

    /// <summary>
    /// Where an ISA interrupt arrives and how. Without an override it is identity, edge-triggered and active high,
    /// but level-triggered where the edge/level register says so: then a PCI interrupt router feeds the line.
    /// </summary>
    /// <param name="irq">0 to 15.</param>
    /// <param name="edgeLevel"><see cref="Pic8259.LevelTriggered"/>.</param>
    /// <param name="gsi">The global system interrupt.</param>
    /// <param name="level">True: level-triggered.</param>
    /// <param name="low">True: active low.</param>
    public static void ForIsa(int irq, ushort edgeLevel, out uint gsi, out bool level, out bool low)
    {
        bool routed = (edgeLevel >> irq & 1) != 0;
        if (AcpiTables.Interrupts.HasOverride[irq] == 0)
        {
            gsi = (uint)irq;
            level = routed;
            low = false;
            return;
        }

        uint flags = AcpiTables.Interrupts.OverrideFlags[irq];
        gsi = AcpiTables.Interrupts.OverrideGsi[irq];
        level = (flags & TriggerMask) switch
        {
            Edge => false,
            Level => true,
            _ => routed || IsSci(irq),
        };
        low = (flags & PolarityMask) switch
        {
            ActiveHigh => false,
            ActiveLow => true,
            _ => IsSci(irq),
        };
    }

    /// <summary>True when a global system interrupt belongs to an ISA interrupt; that one's number in <paramref name="irq"/>.</summary>
    public static bool TryGetIsa(uint gsi, out int irq)
    {
        for (irq = 0; irq < AcpiTables.IsaInterrupts; irq++)
        {
            bool overridden = AcpiTables.Interrupts.HasOverride[irq] != 0;
            if (overridden ? AcpiTables.Interrupts.OverrideGsi[irq] == gsi : (uint)irq == gsi && !IsTakenByOverride(gsi))
                return true;
        }

        irq = -1;
        return false;
    }

    // The timer's interrupt usually arrives at input 2, and the cascade, ISA interrupt 2, nowhere.
    private static bool IsTakenByOverride(uint gsi)
    {
        for (int i = 0; i < AcpiTables.IsaInterrupts; i++)
        {
            if (AcpiTables.Interrupts.HasOverride[i] != 0 && AcpiTables.Interrupts.OverrideGsi[i] == gsi)
                return true;
        }

        return false;
    }

    // The system control interrupt is a shareable, active-low level interrupt unless the table says otherwise (ACPI 6.5, 5.2.9).
    private static bool IsSci(int irq) => AcpiTables.HasFadt && AcpiTables.SciInterrupt == irq;
}
