namespace GuestOS.Kernel.Core;

/// <summary>
/// What the firmware's tables say about the machine. Filled once by <see cref="Load"/> on the first processor, read-only afterwards.
/// A machine without tables leaves everything zero, and <see cref="LegacyDevices"/> and its like true: probe.
/// </summary>
internal static unsafe class AcpiTables
{
    /// <summary>Processors recorded at most.</summary>
    public const int MaximumCpus = 64;

    /// <summary>I/O APICs recorded at most.</summary>
    public const int MaximumIoApics = 8;

    /// <summary>Interrupts of the ISA bus.</summary>
    public const int IsaInterrupts = 16;

    /// <summary>NMI sources of either kind recorded at most.</summary>
    public const int MaximumNmis = 16;

    /// <summary>PCI configuration windows recorded at most.</summary>
    public const int MaximumMcfg = 4;

    /// <summary>Address of the root pointer in use; 0 when the machine has none.</summary>
    public static ulong Rsdp;

    /// <summary>Tables refused for their length, place or checksum.</summary>
    public static int RefusedTables;

    /// <summary>Well-formed tables that the root table lists.</summary>
    public static int TableCount;

    /// <summary>True when there is a MADT.</summary>
    public static bool HasMadt;

    /// <summary>Physical address of the local APICs by the MADT (with its 64-bit override).</summary>
    public static ulong LocalApicAddress;

    /// <summary>True when the machine also has two 8259s (MADT flag PCAT_COMPAT).</summary>
    public static bool HasPic;

    /// <summary>Usable processors.</summary>
    public static int CpuCount;

    /// <summary>Usable processors beyond <see cref="MaximumCpus"/>, which stay stopped.</summary>
    public static int CpusIgnored;

    /// <summary>The processors.</summary>
    public static AcpiCpuList Cpus;

    /// <summary>I/O APICs.</summary>
    public static int IoApicCount;

    /// <summary>The I/O APICs.</summary>
    public static AcpiIoApicList IoApics;

    /// <summary>Overrides and NMIs.</summary>
    public static AcpiInterruptList Interrupts;

    /// <summary>Global system interrupts that are NMIs.</summary>
    public static int NmiCount;

    /// <summary>Local APIC inputs that are NMIs.</summary>
    public static int LocalNmiCount;

    /// <summary>ISA interrupts that have an override.</summary>
    public static int OverrideCount;

    /// <summary>True when there is a FADT.</summary>
    public static bool HasFadt;

    /// <summary>The system control interrupt: an ISA interrupt with a PIC, otherwise a global system interrupt.</summary>
    public static ushort SciInterrupt;

    /// <summary>Port of the firmware's SMI commands; 0: the machine is always in ACPI mode.</summary>
    public static uint SmiCommandPort;

    /// <summary>Command that switches to ACPI mode; 0: not supported.</summary>
    public static byte AcpiEnableCommand;

    /// <summary>The power management timer.</summary>
    public static AcpiRegister PmTimer;

    /// <summary>True when the timer counts 32 bits, not 24.</summary>
    public static bool PmTimer32Bit;

    /// <summary>PM1a control register.</summary>
    public static AcpiRegister Pm1aControl;

    /// <summary>PM1b control register, rarely there.</summary>
    public static AcpiRegister Pm1bControl;

    /// <summary>Reset register; does not exist unless the firmware says that it is supported.</summary>
    public static AcpiRegister ResetRegister;

    /// <summary>Value that resets.</summary>
    public static byte ResetValue;

    /// <summary>True on hardware-reduced machines, which have no PM1 registers and no PM timer.</summary>
    public static bool HardwareReduced;

    /// <summary>Sleep control register of hardware-reduced machines.</summary>
    public static AcpiRegister SleepControl;

    /// <summary>CMOS index of the century; 0: none.</summary>
    public static byte CenturyIndex;

    /// <summary>False when the firmware says that there are no devices on the ISA bus. Advice only: QEMU q35 says so and has COM ports.</summary>
    public static bool LegacyDevices;

    /// <summary>False when the firmware says that there is no 8042 keyboard controller.</summary>
    public static bool HasKeyboardController;

    /// <summary>False when the firmware says that VGA must not be probed.</summary>
    public static bool HasVga;

    /// <summary>False when the firmware says that there is no CMOS clock.</summary>
    public static bool HasRtc;

    /// <summary>False when the firmware forbids message-signalled interrupts.</summary>
    public static bool AllowsMsi;

    /// <summary>Physical address of the HPET; 0: none.</summary>
    public static ulong HpetAddress;

    /// <summary>Address of the MCFG; 0: none.</summary>
    public static ulong McfgTable;

    /// <summary>PCI configuration windows.</summary>
    public static int McfgCount;

    /// <summary>The PCI configuration windows.</summary>
    public static AcpiMcfgList Mcfg;

    /// <summary>True when the sleep type of S5 (off) was found.</summary>
    public static bool HasSleepType5;

    /// <summary>Sleep type of S5 for PM1a.</summary>
    public static byte SleepType5A;

    /// <summary>Sleep type of S5 for PM1b.</summary>
    public static byte SleepType5B;

    /// <summary>
    /// Finds and reads the tables. Call once, before anything else of this class is used.
    /// </summary>
    /// <param name="rootHint">Address of the root pointer by the boot protocol (or of its copy), 0 when unknown.</param>
    /// <param name="ebdaSegment">Real-mode segment of the extended BIOS data area (the word at 0x40E), 0 when unknown.</param>
    /// <param name="lowest">First readable address.</param>
    /// <param name="highest">End of the readable addresses.</param>
    /// <returns>False when the machine has no intact root table.</returns>
    public static bool Load(ulong rootHint, ushort ebdaSegment, ulong lowest, ulong highest)
    {
        AcpiMemory.Lowest = lowest;
        AcpiMemory.Highest = highest;
        LegacyDevices = true;
        HasKeyboardController = true;
        HasVga = true;
        HasRtc = true;
        AllowsMsi = true;
        HasPic = true;

        ulong root = AcpiRoot.Find(rootHint, ebdaSegment);
        if (root == 0)
            return false;
        Rsdp = root;
        return AcpiRoot.Walk((byte*)root);
    }
}
