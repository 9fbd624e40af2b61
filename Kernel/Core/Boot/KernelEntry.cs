using System.Runtime;

namespace GuestOS.Kernel.Core;

/// <summary>The first C# code of the kernel: brings the machine up in the order in which the parts need each other, then starts the runtime.</summary>
internal static unsafe class KernelEntry
{
    /// <summary>Least free memory with which the runtime starts and the default program runs.</summary>
    private const ulong LeastFreeMemory = 12 << 20;

    /// <summary>End of the one-to-one map with which the kernel is entered (boot/entry/entry.asm). Nothing lies at 0, which says that there is none.</summary>
    private const ulong EntryMapEnd = 4UL << 30;

    /// <summary>BIOS data area: real-mode segment of the extended BIOS data area.</summary>
    private const ulong ExtendedBiosDataSegment = 0x40E;

    [RuntimeExport("kernel_entry")]
    public static void Enter(BootProtocol protocol, ulong information)
    {
        ulong entryTsc = Cpu.ReadTsc();
        KernelLock.Acquire();
        KernelLog.Initialize();
        EventLog.Initialize();
        Hypervisor.Detect();
        if (!BootInfo.Read(protocol, information, 1, EntryMapEnd))
            Panic.Boot(PanicCode.Boot, "the boot loader's information is not what its protocol promises"u8);
        ushort ebda = *(ushort*)ExtendedBiosDataSegment;
        if (!PhysicalLayout.Initialize())
            Panic.Boot(PanicCode.Memory, "too little memory: no room for the kernel's page tables"u8);
        StartScreen();
        Banner();
        StartProcessor();
        AcpiTables.Load(BootInfo.Rsdp, ebda, Page.Size, PhysicalLayout.MappedEnd);
        MapFirmwareRegisters();
        Interrupts.Initialize();
        HyperV.Initialize();
        HyperV.Allocate(Cpu.Self());
        HyperV.EnterProcessor(Cpu.Self());
        Clock.Init(entryTsc);
        TickTimer.EnableOnThisProcessor();
        RandomSource.Initialize();
        CheckMemory();
        Smp.StartOthers((int)BootOptions.Number("guestos.cpus"u8, Smp.MaximumProcessors));
        HyperV.Finish();
        DescriptorTable.Initialize();
        ConsoleInput.Start();
        if (FrameBufferConsole.Present)
            KeyboardInput.Start();
        Report();
        Thread* first = AddressSpace.Initialize() ? RuntimeStart.CreateFirstThread() : null;
        if (first == null)
            Panic.Boot(PanicCode.Memory, "too little memory: no room for the first thread"u8);
        Statistics.KernelStartNanoseconds = Clock.NowNanoseconds();
        CpuArea* cpu = Cpu.Self();
        first->State = ThreadState.Running;
        first->RunStart = Clock.NowNanoseconds();
        first->SliceEnd = first->RunStart + Scheduler.SliceNanoseconds;
        cpu->IsIdle = 0;
        KernelLock.Release();
        Cpu.Resume(first);
    }

    private static void StartScreen()
    {
        if (BootInfo.FrameBuffer.Address == 0)
            return;
        ulong mapped = PageTables.MapDevice(BootInfo.FrameBuffer.Address, FrameBufferConsole.MemoryBytes(ref BootInfo.FrameBuffer));
        if (mapped == 0)
            return;
        BootInfo.FrameBuffer.Address = mapped;
        const byte textScreen = 2;
        if (FrameBufferConsole.Init(ref BootInfo.FrameBuffer) && BootInfo.FrameBuffer.Type == textScreen)
            VgaCursor.Hide();
    }

    /// <summary>Registers that ACPI places in memory are device registers: they need uncached mappings.</summary>
    private static void MapFirmwareRegisters()
    {
        if (AcpiTables.HpetAddress != 0)
            AcpiTables.HpetAddress = PageTables.MapDevice(AcpiTables.HpetAddress, Page.Size);
        MapRegister(ref AcpiTables.PmTimer);
        MapRegister(ref AcpiTables.Pm1aControl);
        MapRegister(ref AcpiTables.Pm1bControl);
        MapRegister(ref AcpiTables.ResetRegister);
        MapRegister(ref AcpiTables.SleepControl);
    }

    private static void MapRegister(ref AcpiRegister register)
    {
        const ulong widest = 8;
        if (register.Exists && register.Space == AcpiRegister.Memory)
            register.Address = PageTables.MapDevice(register.Address, widest);
    }

    private static void StartProcessor()
    {
        FpuState.EnableOnThisProcessor();
        ThreadTable.Initialize(FpuState.Size);
        Processor.BuildInterruptTable();
        CpuArea* cpu = Processor.Allocate(0, 0);
        if (cpu == null)
            Panic.Boot(PanicCode.Memory, "too little memory: no room for the processor's stacks"u8);
        Processor.Activate(cpu);
        Smp.Register(cpu);
    }

    private static void CheckMemory()
    {
        Smp.Area(0)->ApicId = LocalApic.Present ? LocalApic.Id() : 0;
        if (PhysicalMemory.FreePages << Page.Shift >= LeastFreeMemory)
            return;
        KernelLog.Begin(KernelLog.Error);
        KernelLog.Write("this machine has "u8);
        KernelLog.Dec(PhysicalLayout.UsableBytes >> 10);
        KernelLog.Write(" KiB of memory, "u8);
        KernelLog.Dec(PhysicalMemory.FreePages << 2);
        KernelLog.Write(" KiB of it free; "u8);
        KernelLog.Dec(LeastFreeMemory >> 10);
        KernelLog.Write(" KiB are needed"u8);
        KernelLog.EndLine();
        Panic.Boot(PanicCode.Memory, "too little memory"u8);
    }

    private static void Banner()
    {
        KernelLog.Begin(KernelLog.Info);
        KernelLog.Write("GuestOS 0.1.0: .NET on bare metal"u8);
        KernelLog.EndLine();
        if (BootOptions.Has("quiet"u8))
            KernelLog.BeQuiet();
        if (BootInfo.CommandLineLength != 0)
        {
            KernelLog.Begin(KernelLog.Info);
            KernelLog.Write("command line: "u8);
            KernelLog.Text(BootInfo.CommandLine);
            KernelLog.EndLine();
        }

        if (BootInfo.DroppedRanges != 0)
        {
            KernelLog.Begin(KernelLog.Warning);
            KernelLog.Write("the boot loader's memory map has "u8);
            KernelLog.Dec((ulong)BootInfo.DroppedRanges);
            KernelLog.Write(" entries more than are taken: that much less memory is used"u8);
            KernelLog.EndLine();
        }
    }

    private static void Report()
    {
        KernelLog.Begin(KernelLog.Info);
        KernelLog.Write("booted by "u8);
        KernelLog.Write(ProtocolName());
        KernelLog.Write(", "u8);
        KernelLog.Dec(PhysicalLayout.UsableBytes >> 20);
        KernelLog.Write(" MiB, "u8);
        KernelLog.Dec((ulong)Smp.OnlineCount);
        KernelLog.Write(" cpus, clock "u8);
        KernelLog.Write(Clock.SourceName);
        KernelLog.Write(" by "u8);
        KernelLog.Write(TscCalibration.MethodName);
        KernelLog.Write(" "u8);
        KernelLog.Dec(TscCalibration.TscFrequency / 1000);
        KernelLog.Write(" kHz, "u8);
        KernelLog.Write(Interrupts.UsesPic ? "8259"u8 : LocalApic.X2Apic ? "x2apic"u8 : "apic"u8);
        if (Hypervisor.Present)
        {
            KernelLog.Write(", hypervisor "u8);
            KernelLog.Text(Hypervisor.Vendor);
        }

        KernelLog.EndLine();
        EventLog.Begin("boot"u8);
        EventLog.Text("protocol"u8, ProtocolName());
        EventLog.Text("commandLine"u8, BootInfo.CommandLine, BootInfo.CommandLineLength);
        EventLog.Number("memory"u8, PhysicalLayout.UsableBytes);
        EventLog.Number("cpus"u8, (ulong)Smp.OnlineCount);
        EventLog.Text("hypervisor"u8, Hypervisor.Vendor, 12);
        if (Hypervisor.IsHyperV)
        {
            EventLog.BeginText("hypervisorVersion"u8);
            EventLog.Digits(Hypervisor.Version >> 16);
            EventLog.Plain("."u8);
            EventLog.Digits(Hypervisor.Version & 0xFFFF);
            EventLog.Plain("."u8);
            EventLog.Digits(Hypervisor.Build);
            EventLog.EndText();
            EventLog.Hex("privileges"u8, Hypervisor.Offer.Privileges | ((ulong)Hypervisor.Offer.HypercallPrivileges << 32));
        }

        EventLog.End();
        HypervisorReport.Write();
    }

    private static ReadOnlySpan<byte> ProtocolName() => BootInfo.Protocol switch
    {
        BootProtocol.Multiboot2 => "multiboot2"u8,
        BootProtocol.Pvh => "pvh"u8,
        _ => "linux64"u8,
    };
}
