namespace GuestOS.Kernel.Core;

/// <summary>Resetting the machine, by one way after the other until one works.</summary>
internal static class ResetControl
{
    private const ushort KeyboardStatus = 0x64;
    private const byte KeyboardInputFull = 0x02;
    private const byte PulseReset = 0xFE;

    // The reset control register of Intel chipsets (PIIX3 data sheet 2.5.1): bit 1 hard reset, bit 2 do it.
    private const ushort ResetPort = 0xCF9;
    private const int Bound = 1_000_000;

    /// <summary>Resets: the hypervisor's register, ACPI reset register, keyboard controller, 0xCF9, triple fault. Does not return.</summary>
    /// <param name="byHypervisor">The hypervisor offers a register for it.</param>
    public static void Reboot(bool byHypervisor)
    {
        if (byHypervisor && Cpu.TryWriteMsr(HyperVMsr.Reset, 1) != 0)
            Wait();

        if (AcpiTables.ResetRegister.Exists)
        {
            AcpiRegisterAccess.Write8(ref AcpiTables.ResetRegister, AcpiTables.ResetValue);
            Wait();
        }

        if (AcpiTables.HasKeyboardController && Cpu.In8(KeyboardStatus) != 0xFF)
        {
            for (int i = 0; i < Bound / 10 && (Cpu.In8(KeyboardStatus) & KeyboardInputFull) != 0; i++)
                Cpu.Pause();
            Cpu.Out8(KeyboardStatus, PulseReset);
            Wait();
        }

        Cpu.Out8(ResetPort, 0x02);
        Cpu.Out8(ResetPort, 0x06);
        Wait();
        Cpu.TripleFault();
    }

    private static void Wait()
    {
        for (int i = 0; i < Bound; i++)
            Cpu.Pause();
    }
}
