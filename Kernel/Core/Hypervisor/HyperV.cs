namespace GuestOS.Kernel.Core;

/// <summary>
/// The kernel's own use of Hyper-V's interface: what is in use, switched on once for the partition and once on every processor, and undone
/// on every processor and then for the partition before the machine stops. What a hypervisor offers and then refuses is left out.
/// </summary>
internal static unsafe class HyperV
{
    // Longest waits for another processor, in counts of the time-stamp counter (some 10 s and 1 s): one that never comes does not keep
    // the machine from going on.
    private const ulong LongestStart = 1UL << 35;
    private const ulong LongestEnd = 1UL << 31;

    private const HypervisorUses OfProcessor = HypervisorUses.SynIc | HypervisorUses.SyntheticTimer | HypervisorUses.DirectTimer
        | HypervisorUses.ApicAssist | HypervisorUses.VpIndex | HypervisorUses.VpRuntime;

    /// <summary>What is in use.</summary>
    public static HypervisorUses Uses;

    /// <summary>What the hypervisor offered and then refused, or answered with nonsense.</summary>
    public static HypervisorUses Refused;

    private static int s_isLeaving;

    /// <summary>Whether all these parts are in use.</summary>
    public static bool Has(HypervisorUses parts) => (Uses & parts) == parts;

    /// <summary>Decides what is used and makes hypercalls possible. On the first processor, with memory and page tables in place.</summary>
    public static void Initialize()
    {
        if (!Hypervisor.IsHyperV)
            return;
        byte* without = BootOptions.Find("guestos.without"u8, out int length);
        Uses = HypervisorPlan.Decide(Hypervisor.Offer, HypervisorPlan.Parse(without, length));
        if (Has(HypervisorUses.Hypercalls) && !HypercallPage.Enable())
            Drop(HypervisorUses.Hypercalls);
        Hypervisor.ReadVersion();
    }

    /// <summary>Leaves a part out from now on, with what needs it.</summary>
    public static void Drop(HypervisorUses part)
    {
        Refused |= part;
        Uses = HypervisorPlan.Consistent(Uses & ~part);
    }

    /// <summary>Gives a processor the pages that it needs. On the first processor; without memory the processor does without.</summary>
    public static void Allocate(CpuArea* cpu)
    {
        if (Has(HypervisorUses.SynIc) && !SynIc.Allocate(ref cpu->HyperV))
            cpu->HyperV.Refused |= HypervisorUses.SynIc;
        if (Has(HypervisorUses.ApicAssist))
            cpu->HyperV.Assist = PhysicalMemory.AllocatePage();
        if (Has(HypervisorUses.Hypercalls))
            cpu->HyperV.Input = PhysicalMemory.AllocatePage();
    }

    /// <summary>Switches on what belongs to the calling processor, all but its timer (<see cref="TickTimer"/>).</summary>
    public static void EnterProcessor(CpuArea* cpu)
    {
        HypervisorUses wanted = Uses & OfProcessor & ~cpu->HyperV.Refused;
        if ((wanted & HypervisorUses.VpIndex) != 0)
            Enter(cpu, HypervisorUses.VpIndex, VpIndexes.Read(cpu));
        if ((wanted & HypervisorUses.SynIc) != 0)
            Enter(cpu, HypervisorUses.SynIc, SynIc.Enable(ref cpu->HyperV));
        if ((wanted & HypervisorUses.ApicAssist) != 0)
            Enter(cpu, HypervisorUses.ApicAssist, cpu->HyperV.Assist != 0 && ApicAssist.Enable(cpu));
        if ((wanted & HypervisorUses.VpRuntime) != 0)
            Enter(cpu, HypervisorUses.VpRuntime, Cpu.TryReadMsr(HyperVMsr.VpRuntime, &cpu->HyperV.VpRuntime) != 0);
    }

    /// <summary>
    /// Once all processors have entered: leaves out what one of them could not switch on and all must have, and takes into use what needs
    /// all of them. On the first processor.
    /// </summary>
    public static void Finish()
    {
        HypervisorUses everywhere = (HypervisorUses)uint.MaxValue;
        HypervisorUses refused = HypervisorUses.None;
        for (int i = 0; i < Smp.OnlineCount; i++)
        {
            CpuArea* cpu = Smp.Area(i);
            ulong start = Cpu.ReadTsc();
            while (i != 0 && Volatile.Read(ref cpu->IsIdle) == 0 && Cpu.ReadTsc() - start < LongestStart)
                Cpu.Pause();
            everywhere &= cpu->HyperV.Active;
            refused |= cpu->HyperV.Refused;
        }

        Refused |= refused;
        Uses = HypervisorPlan.Consistent(Uses & (everywhere | ~OfProcessor));
        if (Has(HypervisorUses.VpIndex) && !VpIndexes.AreUsable(Smp.OnlineCount, Hypervisor.Offer.MaximumProcessors))
            Drop(HypervisorUses.VpIndex);
        if (Has(HypervisorUses.GuestIdle) && !IdleProcessor.UseRegister())
            Drop(HypervisorUses.GuestIdle);
        if (Has(HypervisorUses.Crash) && !CrashReport.Prepare())
            Drop(HypervisorUses.Crash);
        KernelLock.SpinsBeforeNotice = Has(HypervisorUses.LongSpin) ? Hypervisor.Offer.SpinRetries : 0;
        Ipi.UsesHypercall = Has(HypervisorUses.Ipi);
        Tlb.UsesHypercall = Has(HypervisorUses.Flush);
    }

    /// <summary>
    /// Undoes the calling processor's part, on its way to a halt: timer off, sources masked, pages and controller off. What is not
    /// active is not touched, so it may be called anywhere and twice.
    /// </summary>
    public static void LeaveProcessor(CpuArea* cpu)
    {
        HypervisorUses active = cpu->HyperV.Active;
        cpu->HyperV.Active = HypervisorUses.None;
        if ((active & HypervisorUses.SyntheticTimer) != 0)
            SyntheticTimer.Disable();
        if ((active & HypervisorUses.SynIc) != 0)
            SynIc.Disable();
        if ((active & HypervisorUses.ApicAssist) != 0)
            ApicAssist.Disable();
        Volatile.Write(ref cpu->HyperV.HasLeft, 1);
    }

    /// <summary>
    /// Undoes everything: the calling processor's part, after the others have undone theirs on being stopped
    /// (<see cref="Panic.StopOthers"/>), and then the partition's. Only the first call does something.
    /// </summary>
    public static void Leave()
    {
        if (Interlocked.Exchange(ref s_isLeaving, 1) != 0 || Uses == HypervisorUses.None)
            return;
        CpuArea* self = Cpu.Self();
        ulong start = Cpu.ReadTsc();
        for (int i = 0; i < Smp.OnlineCount; i++)
        {
            CpuArea* other = Smp.Area(i);
            while (other != self && Volatile.Read(ref other->HyperV.HasLeft) == 0 && Cpu.ReadTsc() - start < LongestEnd)
                Cpu.Pause();
        }

        LeaveProcessor(self);
        Ipi.UsesHypercall = false;
        Tlb.UsesHypercall = false;
        KernelLock.SpinsBeforeNotice = 0;
        ReferenceTscPage.Disable();
        HypercallPage.Disable();
        Uses = HypervisorUses.None;
    }

    /// <summary>Looks at the calling processor's run time if somebody wants to know.</summary>
    public static void SampleRuntime(CpuArea* cpu)
    {
        if (Volatile.Read(ref cpu->HyperV.IsRuntimeWanted) == 0)
            return;
        Volatile.Write(ref cpu->HyperV.IsRuntimeWanted, 0);
        if ((cpu->HyperV.Active & HypervisorUses.VpRuntime) != 0)
            Cpu.TryReadMsr(HyperVMsr.VpRuntime, &cpu->HyperV.VpRuntime);
    }

    private static void Enter(CpuArea* cpu, HypervisorUses part, bool succeeded)
    {
        if (succeeded)
            cpu->HyperV.Active |= part;
        else
            cpu->HyperV.Refused |= part;
    }
}
