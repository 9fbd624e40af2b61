namespace GuestOS.Kernel.Core;

/// <summary>The event <c>hypervisor</c> (boot/EVENTS.md): for each part of the interface what is in use, and otherwise what serves instead.</summary>
internal static unsafe class HypervisorReport
{
    /// <summary>Writes it. After all processors have started.</summary>
    public static void Write()
    {
        EventLog.Begin("hypervisor"u8);
        EventLog.Text("interface"u8, Hypervisor.IsHyperV ? "hyper-v"u8 : "none"u8);
        if (Hypervisor.IsHyperV)
        {
            EventLog.Hex("privileges"u8, Hypervisor.Offer.Privileges | ((ulong)Hypervisor.Offer.HypercallPrivileges << 32));
            EventLog.Hex("features"u8, Hypervisor.Offer.Features);
            EventLog.Hex("hints"u8, Hypervisor.Offer.Hints);
        }

        Member("hypercall"u8, HypervisorUses.Hypercalls, "page"u8, "none"u8);
        Member("synic"u8, HypervisorUses.SynIc, "on"u8, "none"u8);
        EventLog.Text("timer"u8, TickTimer.Word(Smp.Area(0)->Tick));
        EventLog.Text("clock"u8, Clock.SourceWord);
        EventLog.Text("frequencies"u8, TscCalibration.MethodName);
        Member("eoi"u8, HypervisorUses.ApicAssist, "assist"u8, Apic());
        Member("ipi"u8, HypervisorUses.Ipi, "hypercall"u8, Apic());
        Member("tlb"u8, HypervisorUses.Flush, "hypercall"u8, "ipi"u8);
        Member("vpIndex"u8, HypervisorUses.VpIndex, "msr"u8, "none"u8);
        Member("vpRuntime"u8, HypervisorUses.VpRuntime, "msr"u8, "none"u8);
        Member("longSpin"u8, HypervisorUses.LongSpin, "notify"u8, "pause"u8);
        if (HyperV.Has(HypervisorUses.LongSpin))
            EventLog.Number("spinRetries"u8, Hypervisor.Offer.SpinRetries);
        Member("idle"u8, HypervisorUses.GuestIdle, "msr"u8, "hlt"u8);
        Member("reset"u8, HypervisorUses.Reset, "msr"u8, AcpiTables.ResetRegister.Exists ? "acpi"u8 : "port"u8);
        Member("crash"u8, HypervisorUses.Crash, (CrashReport.Capabilities & CrashReport.Message) != 0 ? "text"u8 : "registers"u8, "none"u8);
        Member("tscInvariant"u8, HypervisorUses.TscInvariant, "asked"u8, TscCalibration.IsInvariant ? "given"u8 : "none"u8);
        Member("relaxedTiming"u8, HypervisorUses.RelaxedTiming, "yes"u8, "no"u8);
        if (HyperV.Refused != HypervisorUses.None)
            Refused();
        EventLog.End();
    }

    private static void Member(ReadOnlySpan<byte> name, HypervisorUses part, ReadOnlySpan<byte> used, ReadOnlySpan<byte> instead) =>
        EventLog.Text(name, HyperV.Has(part) ? used : instead);

    private static ReadOnlySpan<byte> Apic() => !LocalApic.Present ? "8259"u8 : LocalApic.X2Apic ? "x2apic"u8 : "apic"u8;

    private static void Refused()
    {
        EventLog.BeginText("refused"u8);
        bool isFirst = true;
        for (int bit = 0; bit < 32; bit++)
        {
            if (((uint)HyperV.Refused & (1u << bit)) == 0)
                continue;
            if (!isFirst)
                EventLog.Space();
            isFirst = false;
            EventLog.Plain(HypervisorPlan.Name(bit));
        }

        EventLog.EndText();
    }
}
