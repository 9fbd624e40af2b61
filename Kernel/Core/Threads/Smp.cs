using System.Runtime;

namespace GuestOS.Kernel.Core;

/// <summary>All processors: the first one's area, and the start of the others.</summary>
internal static unsafe class Smp
{
    public const int MaximumProcessors = 64;

    private const ulong TrampolineDefault = 0x8000;

    private struct Areas
    {
        public fixed ulong Pointers[MaximumProcessors];
    }

    private static Areas s_areas;

    /// <summary>Processors that schedule threads; their indexes are 0 to this minus 1.</summary>
    public static int OnlineCount;

    public static CpuArea* Area(int index)
    {
        fixed (ulong* pointers = s_areas.Pointers)
            return (CpuArea*)pointers[index];
    }

    public static void Register(CpuArea* cpu)
    {
        fixed (ulong* pointers = s_areas.Pointers)
            pointers[cpu->Index] = (ulong)cpu;
        cpu->IsOnline = 1;
        OnlineCount = cpu->Index + 1;
    }

    /// <summary>
    /// Starts the processors that the firmware's table names, up to a limit. They come up one after another and wait for the kernel
    /// lock. One that does not answer is reported and left out.
    /// </summary>
    public static void StartOthers(int limit)
    {
        if (limit > MaximumProcessors)
            limit = MaximumProcessors;
        ulong trampoline = TrampolinePage();
        if (trampoline == 0 || !LocalApic.Present)
            return;
        uint self = LocalApic.Id();
        PageTables.SetIdentityExecutable(trampoline, executable: true);
        PrepareTrampoline((byte*)trampoline);
        for (int i = 0; i < AcpiTables.CpuCount && OnlineCount < limit; i++)
        {
            uint apicId = AcpiTables.Cpus.ApicId[i];
            if (apicId == self || (!LocalApic.X2Apic && apicId > 254))
                continue;
            if (!Start(apicId, trampoline))
            {
                KernelLog.Begin(KernelLog.Warning);
                KernelLog.Write("smp: processor with APIC id "u8);
                KernelLog.Dec(apicId);
                KernelLog.Write(" did not start"u8);
                KernelLog.EndLine();
            }
        }

        PageTables.SetIdentityExecutable(trampoline, executable: false);
    }

    private static bool Start(uint apicId, ulong trampoline)
    {
        CpuArea* cpu = Processor.Allocate(OnlineCount, apicId);
        if (cpu == null)
            return false;
        HyperV.Allocate(cpu);
        ulong* data = (ulong*)(trampoline + (ulong)Link.TrampolineData());
        data[0] = PageTables.Root;
        data[1] = (ulong)cpu;
        data[2] = cpu->KernelStackTop;
        if (!ProcessorStart.Start(apicId, (byte)(trampoline >> Page.Shift), &cpu->Started))
        {
            // Should it come after all, it must not touch anything: its start-up words may be another's by then.
            Volatile.Write(ref cpu->IsRejected, 1);
            return false;
        }

        Register(cpu);
        return true;
    }

    /// <summary>A page below 1 MiB that the memory map calls usable.</summary>
    private static ulong TrampolinePage()
    {
        for (ulong page = TrampolineDefault; page < 0x9F000; page += Page.Size)
        {
            for (int i = 0; i < BootInfo.RangeCount; i++)
            {
                MemoryRange* range = BootInfo.Ranges + i;
                if (range->Type == MemoryRangeType.Usable && range->Start <= page && page + Page.Size <= range->End)
                    return page;
            }
        }

        return 0;
    }

    private static void PrepareTrampoline(byte* page)
    {
        Cpu.Copy(page, Link.TrampolineStart(), (ulong)Link.TrampolineSize());
        *(uint*)(page + Link.TrampolineGdtBase()) = (uint)(ulong)page + (uint)Link.TrampolineGdt();
    }

    /// <summary>First C# code of a started processor, on its kernel stack.</summary>
    [RuntimeExport("kernel_processor_entry")]
    public static void Entry(CpuArea* cpu)
    {
        Volatile.Write(ref cpu->Started, 1);
        while (Volatile.Read(ref cpu->IsOnline) == 0)
        {
            if (Volatile.Read(ref cpu->IsRejected) != 0)
                Cpu.HaltForever();
            Cpu.Pause();
        }

        Processor.Activate(cpu);
        FpuState.EnableOnThisProcessor();
        Interrupts.EnableOnThisProcessor();
        HyperV.EnterProcessor(cpu);
        TickTimer.EnableOnThisProcessor();
        // Straight into the idle thread, halted: the first processor holds the kernel lock until all are up, and dozens that spin for
        // it would take its time on a host with fewer processors.
        cpu->IdleSince = Clock.NowNanoseconds();
        Volatile.Write(ref cpu->IsIdle, 1);
        Cpu.Resume(cpu->Idle);
    }
}
