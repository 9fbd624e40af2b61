namespace GuestOS.Kernel.Core;

/// <summary>Switching the machine off by ACPI (6.5: 4.8.3.2 PM1 control, 4.8.3.7 sleep control, 16.1.7 S5).</summary>
internal static class PowerControl
{
    private const ushort SciEnable = 1 << 0;
    private const ushort SleepTypeMask = 7 << 10;
    private const ushort SleepEnable = 1 << 13;
    private const byte SleepControlEnable = 1 << 5;
    private const int Bound = 1_000_000;

    /// <summary>True when the tables say how to switch off.</summary>
    public static bool Available
        => AcpiTables.HasSleepType5 && (AcpiTables.HardwareReduced ? AcpiTables.SleepControl.Exists : AcpiTables.Pm1aControl.Exists);

    /// <summary>Switches off. Returns only when the machine has no way, or did not obey.</summary>
    public static void Off()
    {
        if (!Available)
            return;
        if (AcpiTables.HardwareReduced)
        {
            AcpiRegisterAccess.Write8(ref AcpiTables.SleepControl, (byte)(AcpiTables.SleepType5A << 2 | SleepControlEnable));
            Wait();
            return;
        }

        EnterAcpiMode();
        WritePm1(ref AcpiTables.Pm1aControl, AcpiTables.SleepType5A);
        WritePm1(ref AcpiTables.Pm1bControl, AcpiTables.SleepType5B);
        Wait();
    }

    // In legacy mode the firmware owns the registers.
    private static void EnterAcpiMode()
    {
        if ((AcpiRegisterAccess.Read16(ref AcpiTables.Pm1aControl) & SciEnable) != 0
            || AcpiTables.SmiCommandPort == 0 || AcpiTables.SmiCommandPort > 0xFFFF || AcpiTables.AcpiEnableCommand == 0)
            return;
        Cpu.Out8((ushort)AcpiTables.SmiCommandPort, AcpiTables.AcpiEnableCommand);
        for (int i = 0; i < Bound; i++)
        {
            if ((AcpiRegisterAccess.Read16(ref AcpiTables.Pm1aControl) & SciEnable) != 0)
                return;
            Cpu.Pause();
        }
    }

    private static void WritePm1(ref AcpiRegister register, byte sleepType)
    {
        if (!register.Exists)
            return;
        int value = AcpiRegisterAccess.Read16(ref register) & ~(SleepTypeMask | SleepEnable) | sleepType << 10;
        AcpiRegisterAccess.Write16(ref register, (ushort)value);
        AcpiRegisterAccess.Write16(ref register, (ushort)(value | SleepEnable));
    }

    private static void Wait()
    {
        for (int i = 0; i < Bound; i++)
            Cpu.Pause();
    }
}
