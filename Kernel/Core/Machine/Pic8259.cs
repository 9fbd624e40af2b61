namespace GuestOS.Kernel.Core;

/// <summary>
/// The pair of 8259A interrupt controllers (Intel 8259A data sheet; PIIX4 data sheet 8.2 for the edge/level registers).
/// Callers hold the kernel lock.
/// </summary>
internal static class Pic8259
{
    private const ushort MasterCommand = 0x20;
    private const ushort MasterData = 0x21;
    private const ushort SlaveCommand = 0xA0;
    private const ushort SlaveData = 0xA1;
    private const ushort EdgeLevel1 = 0x4D0;
    private const ushort EdgeLevel2 = 0x4D1;

    // ICW1: edge-triggered, cascaded, ICW4 follows. ICW4: 8086 mode, normal end of interrupt.
    private const byte Icw1 = 0x11;
    private const byte Icw4 = 0x01;
    private const byte ReadInService = 0x0B;
    private const byte SpecificEoi = 0x60;
    private const int CascadeInput = 2;

    /// <summary>True once <see cref="Init"/> has found the controllers.</summary>
    public static bool Present;

    /// <summary>Interrupts that turned out to be spurious.</summary>
    public static uint SpuriousCount;

    /// <summary>The lines' trigger modes: bit n set when ISA interrupt n is level-triggered; 0 where the machine has no such register.</summary>
    public static ushort LevelTriggered;

    private static ushort s_mask;

    /// <summary>
    /// Probes the controllers, moves their 16 vectors to <paramref name="vectorBase"/> (a multiple of 8) and masks all inputs.
    /// To be done even where the I/O APIC is used: a stray interrupt must not look like an exception.
    /// </summary>
    public static void Init(byte vectorBase)
    {
        // Only a real mask register keeps what is written.
        Cpu.Out8(SlaveData, 0xFF);
        Cpu.Out8(MasterData, 0xFB);
        Present = Cpu.In8(MasterData) == 0xFB && Cpu.In8(SlaveData) == 0xFF;
        s_mask = 0xFFFF;
        if (!Present)
            return;

        Write(MasterCommand, Icw1);
        Write(SlaveCommand, Icw1);
        Write(MasterData, vectorBase);
        Write(SlaveData, (byte)(vectorBase + 8));
        Write(MasterData, 1 << CascadeInput);
        Write(SlaveData, CascadeInput);
        Write(MasterData, Icw4);
        Write(SlaveData, Icw4);
        WriteMask();

        LevelTriggered = InterruptRouting.ValidateEdgeLevel((ushort)(Cpu.In8(EdgeLevel1) | Cpu.In8(EdgeLevel2) << 8));
    }

    /// <summary>Masks an input, 0 to 15.</summary>
    public static void Mask(int irq)
    {
        s_mask |= (ushort)(1 << irq);
        WriteMask();
    }

    /// <summary>Unmasks an input, 0 to 15, and the cascade where needed.</summary>
    public static void Unmask(int irq)
    {
        s_mask &= (ushort)~(1 << irq);
        if (irq >= 8)
            s_mask &= unchecked((ushort)~(1 << CascadeInput));
        WriteMask();
    }

    /// <summary>Masks every input.</summary>
    public static void MaskAll()
    {
        s_mask = 0xFFFF;
        if (Present)
            WriteMask();
    }

    /// <summary>
    /// True when the interrupt just taken is not in service, which the controllers report as input 7 or 15; nothing else is to be done then.
    /// </summary>
    public static bool IsSpurious(int irq)
    {
        if (irq != 7 && irq != 15)
            return false;
        ushort command = irq == 7 ? MasterCommand : SlaveCommand;
        Cpu.Out8(command, ReadInService);
        if ((Cpu.In8(command) & 0x80) != 0)
            return false;

        SpuriousCount++;
        // The master did see a real interrupt on the cascade input.
        if (irq == 15)
            Cpu.Out8(MasterCommand, SpecificEoi | CascadeInput);
        return true;
    }

    /// <summary>Ends an interrupt that was not spurious.</summary>
    public static void EndOfInterrupt(int irq)
    {
        if (irq >= 8)
        {
            Cpu.Out8(SlaveCommand, (byte)(SpecificEoi | (irq - 8)));
            Cpu.Out8(MasterCommand, SpecificEoi | CascadeInput);
            return;
        }

        Cpu.Out8(MasterCommand, (byte)(SpecificEoi | irq));
    }

    private static void WriteMask()
    {
        Cpu.Out8(MasterData, (byte)s_mask);
        Cpu.Out8(SlaveData, (byte)(s_mask >> 8));
    }

    // Old controllers want a pause between initialisation words; a write to the POST code port takes one ISA cycle.
    private static void Write(ushort port, byte value)
    {
        Cpu.Out8(port, value);
        Cpu.Out8(0x80, 0);
    }
}
