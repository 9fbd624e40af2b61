namespace GuestOS.Kernel.Core;

/// <summary>The ACPI power management timer (ACPI 6.5, 4.8.3.3): 3.579545 MHz, 24 or 32 bits.</summary>
internal static class PmTimer
{
    /// <summary>Counts in a second.</summary>
    public const ulong Frequency = 3_579_545;

    /// <summary>The counter's bits; 0: there is no usable timer.</summary>
    public static uint Mask;

    private static bool s_unstable;

    /// <summary>Checks that the timer of the FADT counts.</summary>
    /// <param name="underHypervisor">False on bare metal, where PIIX4 and some successors return a value in the middle of a carry.</param>
    public static void Init(bool underHypervisor)
    {
        Mask = 0;
        s_unstable = !underHypervisor;
        if (!AcpiTables.PmTimer.Exists || AcpiTables.PmTimer.Space == AcpiRegister.PciConfiguration)
            return;
        uint mask = AcpiTables.PmTimer32Bit ? 0xFFFF_FFFF : 0x00FF_FFFF;
        uint first = ReadRaw() & mask;
        for (int i = 0; i < 1000; i++)
        {
            if ((ReadRaw() & mask) == first)
                continue;
            Mask = mask;
            return;
        }
    }

    /// <summary>The counter, with only the bits of <see cref="Mask"/>.</summary>
    public static uint Read()
    {
        uint third = ReadRaw() & Mask;
        if (!s_unstable)
            return third;

        // Erratum (PIIX4 specification update, item 20): only a value between its neighbours can be trusted.
        uint second = ReadRaw() & Mask;
        for (int i = 0; i < 8; i++)
        {
            uint first = third;
            third = second;
            second = ReadRaw() & Mask;
            if (((third - first) & Mask) + ((second - third) & Mask) < 1000)
                return third;
        }

        return second;
    }

    private static uint ReadRaw()
        => AcpiTables.PmTimer.Space == AcpiRegister.Ports
            ? Cpu.In32((ushort)AcpiTables.PmTimer.Address)
            : Mmio.Read32(AcpiTables.PmTimer.Address);
}
