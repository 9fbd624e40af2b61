namespace GuestOS.Kernel.Core;

/// <summary>What managed code asks about hypervisor, processors and clock. LOCKING: the kernel lock.</summary>
internal static unsafe class HypervisorCalls
{
    private const ulong MostProcessors = 4096;

    public static long FillHypervisor(HypervisorInfo* info, ulong length)
    {
        if (length < (ulong)sizeof(HypervisorInfo) || !UserMemory.CanWrite((ulong)info, (ulong)sizeof(HypervisorInfo)))
            return Errno.EFault;
        Cpu.Fill(info, 0, (ulong)sizeof(HypervisorInfo));
        info->LockContentions = KernelLock.Contentions;
        info->Shootdowns = Tlb.ShootdownCount;
        info->ShootdownRepeats = Tlb.RepeatCount;
        if (!Hypervisor.IsHyperV)
            return 0;
        info->Uses = HyperV.Uses;
        info->Refused = HyperV.Refused;
        info->Privileges = Hypervisor.Offer.Privileges;
        info->HypercallPrivileges = Hypervisor.Offer.HypercallPrivileges;
        info->Features = Hypervisor.Offer.Features;
        info->Hints = Hypervisor.Offer.Hints;
        info->SpinRetries = Hypervisor.Offer.SpinRetries;
        info->MaximumProcessors = Hypervisor.Offer.MaximumProcessors;
        info->Build = Hypervisor.Build;
        info->Version = Hypervisor.Version;
        info->HypercallPage = HypercallPage.Address;
        for (int i = 0; i < Smp.OnlineCount; i++)
        {
            HyperVProcessor* processor = &Smp.Area(i)->HyperV;
            info->Hypercalls += processor->Hypercalls;
            info->EoiWritten += processor->EoiWritten;
            info->EoiSaved += processor->EoiSaved;
            info->LongSpins += processor->LongSpins;
            info->TimerMessages += processor->TimerMessages;
            info->BadMessages += processor->BadMessages;
        }

        return 0;
    }

    /// <summary>Lists the processors.</summary>
    /// <param name="list">Receives them.</param>
    /// <param name="capacity">Its length.</param>
    /// <param name="looks">Asks each for its run time: the next list has it.</param>
    public static long ListProcessors(ProcessorInfo* list, ulong capacity, bool looks)
    {
        if (capacity > MostProcessors || !UserMemory.CanWrite((ulong)list, capacity * (ulong)sizeof(ProcessorInfo)))
            return Errno.EFault;
        int count = 0;
        for (; count < Smp.OnlineCount && (ulong)count < capacity; count++)
            Fill(list + count, Smp.Area(count));
        if (looks)
            LookAtRuntimes();
        return count;
    }

    private static void LookAtRuntimes()
    {
        CpuArea* self = Cpu.Self();
        ulong others = 0;
        for (int i = 0; i < Smp.OnlineCount; i++)
        {
            CpuArea* cpu = Smp.Area(i);
            if ((cpu->HyperV.Active & HypervisorUses.VpRuntime) == 0)
                continue;
            Volatile.Write(ref cpu->HyperV.IsRuntimeWanted, 1);
            if (cpu != self)
                others |= 1UL << i;
        }

        HyperV.SampleRuntime(self);
        Ipi.Send(others, Vectors.Reschedule);
    }

    public static long FillClock(ClockInfo* info, ulong length)
    {
        if (length < (ulong)sizeof(ClockInfo) || !UserMemory.CanWrite((ulong)info, (ulong)sizeof(ClockInfo)))
            return Errno.EFault;
        Cpu.Fill(info, 0, (ulong)sizeof(ClockInfo));
        info->Source = Clock.Source;
        info->IsFast = (Link.ClockData()->Version & 1) == 0 ? 1u : 0;
        info->Now = Clock.NowNanoseconds();
        if (ReferenceTscPage.Present)
            info->ReferenceCounter = ReferenceTscPage.ReadCounter();
        info->WallClockAtEntry = Clock.BootWallClockNanoseconds;
        info->TscFrequency = TscCalibration.TscFrequency;
        info->ApicFrequency = TscCalibration.ApicFrequency;
        info->Calibration = TscCalibration.Method;
        if (ReferenceTscPage.PageAddress != 0)
            info->Sequence = Volatile.Read(ref *(uint*)ReferenceTscPage.PageAddress);
        info->Fallbacks = ReferenceClock.Fallbacks;
        info->Changes = ReferenceClock.Changes;
        info->StalePages = ReferenceClock.StalePages;
        info->Corrections = ReferenceClock.Corrections;
        info->CorrectedNanoseconds = ReferenceClock.CorrectedNanoseconds;
        return 0;
    }

    private static void Fill(ProcessorInfo* info, CpuArea* cpu)
    {
        Cpu.Fill(info, 0, (ulong)sizeof(ProcessorInfo));
        ulong now = Clock.NowNanoseconds();
        info->Index = (uint)cpu->Index;
        info->ApicId = cpu->ApicId;
        info->VpIndex = cpu->HyperV.VpIndex;
        info->Active = cpu->HyperV.Active;
        info->Tick = cpu->Tick;
        info->Interrupts = cpu->InterruptCount;
        info->TimerInterrupts = cpu->TimerCount;
        info->LostTimers = (uint)cpu->LostTimers;
        info->IdleNanoseconds = cpu->IdleNanoseconds + (cpu->IsIdle != 0 && now > cpu->IdleSince ? now - cpu->IdleSince : 0);
        info->VpRuntime = cpu->HyperV.VpRuntime;
        info->MessagePage = cpu->HyperV.Messages;
        info->EventPage = cpu->HyperV.Events;
        info->AssistPage = cpu->HyperV.Assist;
    }
}
