namespace GuestOS.Kernel.Core;

/// <summary>
/// The I/O APICs (Intel 82093AA data sheet): each has an index and a data window and serves the global system interrupts from its base on.
/// Interrupts go to one processor in physical destination mode; the local APIC's end of interrupt reaches the I/O APIC by itself.
/// The index register makes accesses two-step: callers hold the kernel lock with interrupts off.
/// </summary>
internal static unsafe class IoApic
{
    /// <summary>Bytes of a controller's registers to map uncached.</summary>
    public const uint RegisterBytes = 0x20;

    private const ulong WindowOffset = 0x10;
    private const uint VersionIndex = 1;
    private const uint FirstEntry = 0x10;
    private const uint MaskBit = 1 << 16;
    private const uint LevelBit = 1 << 15;
    private const uint ActiveLowBit = 1 << 13;
    private const uint NmiDelivery = 4 << 8;

    /// <summary>Controllers in use; 0: interrupts come from the 8259s.</summary>
    public static int Count;

    /// <summary>All inputs of all controllers lie below this global system interrupt.</summary>
    public static uint GsiEnd;

    private static IoApicState s_state;

    /// <summary>Takes over the controllers of the MADT, whose registers are mapped, and masks all their inputs.</summary>
    public static void Init()
    {
        Count = 0;
        for (int i = 0; i < AcpiTables.IoApicCount; i++)
            Add(AcpiTables.IoApics.Address[i], AcpiTables.IoApics.GsiBase[i]);
        RouteNmis();
    }

    /// <summary>True when some controller has this input.</summary>
    public static bool Serves(uint gsi) => Find(gsi) >= 0;

    /// <summary>Programs an input, masked or not. APIC ids above 254 cannot be reached (no interrupt remapping).</summary>
    /// <returns>False when no controller has the input.</returns>
    public static bool Route(uint gsi, byte vector, uint apicId, bool level, bool activeLow, bool masked)
    {
        int index = Find(gsi);
        if (index < 0 || apicId > 254)
            return false;
        uint low = vector;
        if (level)
            low |= LevelBit;
        if (activeLow)
            low |= ActiveLowBit;
        WriteEntry(index, gsi, low | (masked ? MaskBit : 0), apicId);
        return true;
    }

    /// <summary>Masks an input. The read back makes sure that the controller has it before the caller goes on.</summary>
    public static void Mask(uint gsi)
    {
        int index = Find(gsi);
        if (index < 0)
            return;
        uint register = EntryRegister(index, gsi);
        uint low = Read(index, register);
        Write(index, register, low | MaskBit);
        Read(index, register);
    }

    /// <summary>Unmasks an input; a level-triggered line that is active interrupts at once.</summary>
    public static void Unmask(uint gsi)
    {
        int index = Find(gsi);
        if (index < 0)
            return;
        uint register = EntryRegister(index, gsi);
        Write(index, register, Read(index, register) & ~MaskBit);
    }

    /// <summary>Masks every input of every controller.</summary>
    public static void MaskAll()
    {
        for (int i = 0; i < Count; i++)
            MaskController(i);
    }

    private static void Add(ulong address, uint gsiBase)
    {
        int index = Count;
        if (index == AcpiTables.MaximumIoApics)
            return;
        s_state.Address[index] = address;
        s_state.GsiBase[index] = gsiBase;
        uint version = Read(index, VersionIndex);
        // Nothing behind the address reads as ones; 240 inputs are the most that the index register can reach.
        uint pins = (version >> 16 & 0xFF) + 1;
        if (version == 0xFFFF_FFFF || version == 0 || pins > 120)
            return;
        s_state.Pins[index] = pins;
        Count = index + 1;
        if (gsiBase + pins > GsiEnd)
            GsiEnd = gsiBase + pins;
        MaskController(index);
    }

    private static void MaskController(int index)
    {
        for (uint pin = 0; pin < s_state.Pins[index]; pin++)
            WriteEntry(index, s_state.GsiBase[index] + pin, MaskBit, 0);
    }

    private static void RouteNmis()
    {
        for (int i = 0; i < AcpiTables.NmiCount; i++)
        {
            uint gsi = AcpiTables.Interrupts.NmiGsi[i];
            uint flags = AcpiTables.Interrupts.NmiFlags[i];
            int index = Find(gsi);
            if (index < 0)
                continue;
            uint low = NmiDelivery;
            if ((flags & 3) == 3)
                low |= ActiveLowBit;
            WriteEntry(index, gsi, low, LocalApic.Id());
        }
    }

    private static int Find(uint gsi)
    {
        for (int i = 0; i < Count; i++)
        {
            uint first = s_state.GsiBase[i];
            if (gsi >= first && gsi - first < s_state.Pins[i])
                return i;
        }

        return -1;
    }

    private static uint EntryRegister(int index, uint gsi) => FirstEntry + (gsi - s_state.GsiBase[index]) * 2;

    // The high half first while masked, so that a half-written entry never delivers.
    private static void WriteEntry(int index, uint gsi, uint low, uint apicId)
    {
        uint register = EntryRegister(index, gsi);
        Write(index, register, MaskBit);
        Write(index, register + 1, apicId << 24);
        Write(index, register, low);
    }

    private static uint Read(int index, uint register)
    {
        ulong address = s_state.Address[index];
        Mmio.Write32(address, register);
        return Mmio.Read32(address + WindowOffset);
    }

    private static void Write(int index, uint register, uint value)
    {
        ulong address = s_state.Address[index];
        Mmio.Write32(address, register);
        Mmio.Write32(address + WindowOffset, value);
    }
}
