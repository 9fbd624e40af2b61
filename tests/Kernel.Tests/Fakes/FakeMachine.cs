using GuestOS.Kernel.Core;
using GuestOS.Kernel.Hardware;
using GuestOS.Kernel.Time;
using GuestOS.Sandbox.Memory;
using GuestOS.Sandbox.Partition;

namespace GuestOS.Kernel.Tests.Fakes;

/// <summary>A whole machine of fakes.</summary>
internal sealed class FakeMachine : IDisposable
{
    public FakePci Pci { get; } = new();

    public FakePhysicalMemory Memory { get; } = new();

    public FakeInterruptController Interrupts { get; } = new();

    public FakeDmaBackend Dma { get; } = new();

    public SimulatedDynamicMemory DynamicMemory { get; } = new((64 << 20) / 4096);

    public RecordingLog Log { get; } = new();

    public RecordingEvents Events { get; } = new();

    public FakePower Power { get; } = new();

    public FakeFileRequests Files { get; } = new();

    public ScriptedTerminal Terminal { get; init; } = new();

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The partition that the machine runs in; by default there is no hypervisor.</summary>
    public SimulatedPartition Partition => field ??= new SimulatedPartition(
        Clock, new SimulatedMemory(new Random(1)), Log, PartitionOptions ?? new PartitionOptions { IsHypervisorPresent = false });

    public PartitionOptions? PartitionOptions { get; init; }

    /// <summary>A time of day that moves only when it is told to.</summary>
    public WallClock WallClock => field ??= new WallClock(new UnmovedWallClock(), Clock, () => null);

    public bool HasPci { get; init; } = true;

    public FakePorts Ports => field ??= new FakePorts(HasPci ? Pci : null);

    public KernelMachine Create(string commandLine = "") => new()
    {
        Information = new MachineInformation { Protocol = BootProtocol.Multiboot2, CommandLine = commandLine, MemoryBytes = 64 << 20, CpuBrand = "Fake CPU" },
        Ports = Ports,
        Memory = Memory,
        Dma = new DmaMemory(Dma),
        Processors = Partition.Platform,
        DynamicMemory = DynamicMemory,
        WallClock = WallClock,
        Interrupts = Interrupts,
        Power = Power,
        Statistics = new FakeStatistics(),
        Terminal = Terminal,
        FileRequests = Files,
        Log = Log,
        LogHistory = Log,
        Events = Events,
        Clock = Clock,
    };

    public void Dispose()
    {
        Files.Complete();
        Partition.Dispose();
        Memory.Dispose();
    }
}
