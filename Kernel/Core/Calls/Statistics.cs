namespace GuestOS.Kernel.Core;

/// <summary>Fills the structures that managed code asks for. LOCKING: the kernel lock.</summary>
internal static unsafe class Statistics
{
    /// <summary>Set when the C start-up code is entered.</summary>
    public static ulong KernelStartNanoseconds;

    public static long FillMachine(MachineInfo* info, ulong length)
    {
        if (length < (ulong)sizeof(MachineInfo) || !UserMemory.CanWrite((ulong)info, (ulong)sizeof(MachineInfo)))
            return Errno.EFault;
        Cpu.Fill(info, 0, (ulong)sizeof(MachineInfo));
        info->Protocol = BootInfo.Protocol;
        info->Flags = (AcpiTables.Rsdp != 0 ? MachineFlags.HasAcpi : 0) | (PowerControl.Available ? MachineFlags.CanPowerOff : 0)
            | (BootOptions.Is("guestos.exit"u8, "debug-port"u8) && DebugExit.Present ? MachineFlags.HasDebugExit : 0)
            | (FrameBufferConsole.Present ? MachineFlags.HasScreen : 0) | (EventLog.HasPort ? MachineFlags.HasEventPort : 0)
            | (AcpiTables.LegacyDevices ? 0 : MachineFlags.NoLegacyDevices);
        info->CpuCount = (uint)Smp.OnlineCount;
        info->CpuPresent = (uint)AcpiTables.CpuCount;
        info->ClockSource = Clock.Source;
        info->InterruptController = Interrupts.UsesPic ? InterruptControllerKind.Pic8259
            : LocalApic.X2Apic ? InterruptControllerKind.X2Apic : InterruptControllerKind.Apic;
        info->TscFrequency = Clock.Source == ClockSource.Tsc ? TscCalibration.TscFrequency : 0;
        info->MemoryBytes = PhysicalLayout.UsableBytes;
        info->MemoryEnd = PhysicalLayout.HighestUsable;
        info->ImageStart = Link.ImageStart();
        info->ImageEnd = Link.ImageEnd();
        info->AcpiRoot = AcpiTables.Rsdp;
        info->McfgTable = AcpiTables.McfgTable;
        info->KernelStartNanoseconds = KernelStartNanoseconds;
        info->LogOldest = KernelLog.Oldest;
        info->LogEnd = KernelLog.End;
        info->ScreenWidth = FrameBufferConsole.Present ? BootInfo.FrameBuffer.Width : 0;
        info->ScreenHeight = FrameBufferConsole.Present ? BootInfo.FrameBuffer.Height : 0;
        info->HypervisorMaximumLeaf = Hypervisor.MaximumLeaf;
        info->HypervisorBuild = Hypervisor.Build;
        info->HypervisorVersion = Hypervisor.Version;
        info->HypervisorPrivileges = Hypervisor.Offer.Privileges | ((ulong)Hypervisor.Offer.HypercallPrivileges << 32);
        Cpu.Copy(info->HypervisorVendor, Hypervisor.Vendor, 12);
        uint* brand = (uint*)info->CpuBrand;
        for (uint i = 0; i < 3; i++)
            Cpu.CpuId(0x8000_0002 + i, 0, brand + (i * 4));
        Cpu.Copy(info->LoaderName, BootInfo.Loader, 63);
        Cpu.Copy(info->CommandLine, BootInfo.CommandLine, MachineInfo.CommandLineCapacity - 1);
        return 0;
    }

    public static long FillMemory(MemoryInfo* info, ulong length)
    {
        if (length < (ulong)sizeof(MemoryInfo) || !UserMemory.CanWrite((ulong)info, (ulong)sizeof(MemoryInfo)))
            return Errno.EFault;
        ulong total = PhysicalLayout.UsableBytes + HotAddedMemory.Bytes;
        ulong ballooned = PhysicalMemory.TakenPages << Page.Shift;
        ulong free = PhysicalMemory.FreePages << Page.Shift;
        ulong mapped = AddressSpace.ResidentPages << Page.Shift;
        ulong dma = DmaPool.Pages << Page.Shift;
        *info = default;
        info->Total = total;
        info->Free = free;
        info->Mapped = mapped;
        info->Dma = dma;
        info->Kernel = total - free - mapped - dma - ballooned;
        for (int i = 0; i < AddressSpace.Count; i++)
            info->Reserved += AddressSpace.At(i)->End - AddressSpace.At(i)->Start;
        info->LargestFree = PhysicalMemory.LargestFree();
        info->HeapLimit = RuntimeStart.HeapLimit;
        info->PageFaults = DemandPaging.FaultCount;
        info->Ballooned = ballooned;
        info->HotAdded = HotAddedMemory.Bytes;
        info->Promised = AddressSpace.PromisedPages << Page.Shift;
        info->Committed = total - free - ballooned + (AddressSpace.UntouchedPages << Page.Shift);
        return 0;
    }

    public static long ListThreads(ThreadInfo* list, int capacity)
    {
        int count = 0;
        for (int i = 0; i < Smp.OnlineCount && count < capacity; i++)
            Fill(list + count++, Smp.Area(i)->Idle);
        for (Thread* thread = ThreadTable.First; thread != null && count < capacity; thread = thread->NextOfAll)
            Fill(list + count++, thread);
        return count;
    }

    private static void Fill(ThreadInfo* info, Thread* thread)
    {
        Cpu.Fill(info, 0, (ulong)sizeof(ThreadInfo));
        info->Id = thread->Id;
        info->State = (uint)thread->State;
        info->Wait = (uint)thread->Wait;
        info->Priority = (uint)thread->Priority;
        info->Cpu = thread->Cpu;
        info->IsIdle = (uint)thread->IsIdle;
        info->RunTime = thread->IsIdle != 0 ? Smp.Area(thread->Cpu)->IdleNanoseconds
            : thread->State == ThreadState.Running ? Scheduler.RunTimeOf(thread, Clock.NowNanoseconds()) : thread->RunTime;
        info->SwitchCount = thread->SwitchCount;
        Cpu.Copy(info->Name, thread->Name, 16);
    }
}
