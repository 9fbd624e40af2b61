namespace GuestOS.Kernel.Core;

/// <summary>The ways in which a run ends (option <c>guestos.exit</c>, boot/EVENTS.md). LOCKING: as <see cref="KernelLog"/>; nothing here returns.</summary>
internal static class PowerOff
{
    public const byte StatusPassed = 0x10;
    public const byte StatusFailed = 0x11;
    public const byte StatusPanic = 0x12;

    /// <summary>exit_group: the image's program has returned, or has called Environment.Exit.</summary>
    public static void ProgramEnded(int exitCode)
    {
        EventLog.Begin("exit"u8);
        EventLog.Number("status"u8, (byte)exitCode);
        EventLog.End();
        KernelLog.Begin(KernelLog.Info);
        KernelLog.Write("the program has ended with exit code "u8);
        KernelLog.Dec((byte)exitCode);
        KernelLog.EndLine();
        End(Configured(PowerKind.PowerOff), PowerReason.Program, exitCode == 0 ? StatusPassed : StatusFailed);
    }

    /// <summary>What <c>guestos.exit</c> says, or <paramref name="otherwise"/>.</summary>
    public static PowerKind Configured(PowerKind otherwise)
    {
        if (BootOptions.Is("guestos.exit"u8, "poweroff"u8))
            return PowerKind.PowerOff;
        if (BootOptions.Is("guestos.exit"u8, "reboot"u8))
            return PowerKind.Reboot;
        if (BootOptions.Is("guestos.exit"u8, "halt"u8))
            return PowerKind.Halt;
        return BootOptions.Is("guestos.exit"u8, "debug-port"u8) ? PowerKind.DebugPort : otherwise;
    }

    /// <summary>Writes the last event and ends. Where a way does not work, the next weaker one is taken, down to halting.</summary>
    public static void End(PowerKind kind, PowerReason reason, byte status)
    {
        EventLog.Begin("poweroff"u8);
        EventLog.Text("kind"u8, kind switch
        {
            PowerKind.Reboot => "reboot"u8,
            PowerKind.Halt => "halt"u8,
            PowerKind.DebugPort => "debug-port"u8,
            _ => "poweroff"u8,
        });
        EventLog.Text("reason"u8, reason switch
        {
            PowerReason.Console => "console"u8,
            PowerReason.Program => "program"u8,
            PowerReason.Tests => "tests"u8,
            PowerReason.Panic => "panic"u8,
            _ => "host"u8,
        });
        EventLog.End();
        KernelLog.Begin(KernelLog.Info);
        KernelLog.Write(kind switch
        {
            PowerKind.Reboot => "rebooting"u8,
            PowerKind.Halt => "halted"u8,
            _ => "power off"u8,
        });
        KernelLog.EndLine();
        KernelLog.Drain();
        EventLog.Drain();
        Panic.StopOthers();
        bool byHypervisor = HyperV.Has(HypervisorUses.Reset);
        // The host may stop the machine at once, so everything else has been said.
        if (reason == PowerReason.Panic)
            CrashReport.Send();
        HyperV.Leave();
        if (kind == PowerKind.DebugPort && DebugExit.Present)
            DebugExit.Exit(status);
        if (kind == PowerKind.Reboot)
            ResetControl.Reboot(byHypervisor);
        else if (kind != PowerKind.Halt)
            PowerControl.Off();
        Cpu.HaltForever();
    }
}
