namespace GuestOS.Kernel.Core;

/// <summary>
/// The assist page of a processor (TLFS 10.5): the hypervisor says in it when an end of interrupt need not be written, which saves a
/// trap. Used where it recommends its registers for the local APIC; with them go ICR and TPR, unless the APIC is in x2APIC mode and
/// has registers as cheap.
/// </summary>
internal static unsafe class ApicAssist
{
    /// <summary>Takes the calling processor's page into use.</summary>
    public static bool Enable(CpuArea* cpu)
    {
        if (!SynIc.EnablePage(HyperVMsr.VpAssistPage, cpu->HyperV.Assist))
            return false;
        if (!LocalApic.X2Apic)
            Cpu.TryWriteMsr(HyperVMsr.Tpr, 0);
        return true;
    }

    /// <summary>Gives the calling processor's page back.</summary>
    public static void Disable() => SynIc.DisablePage(HyperVMsr.VpAssistPage);

    /// <summary>Ends the interrupt in service, if need be by the register.</summary>
    public static void EndOfInterrupt(CpuArea* cpu)
    {
        if (TakeNotRequired((uint*)cpu->HyperV.Assist))
        {
            cpu->HyperV.EoiSaved++;
            return;
        }

        cpu->HyperV.EoiWritten++;
        Cpu.WriteMsr(HyperVMsr.Eoi, 0);
    }

    /// <summary>Tests and clears "no EOI required" in one step: the hypervisor may set it at any moment.</summary>
    public static bool TakeNotRequired(uint* assist) => (Interlocked.Exchange(ref *assist, 0u) & 1) != 0;
}
