using GuestOS.Kernel.Events;
using GuestOS.Kernel.Hardware;
using GuestOS.Kernel.Memory;
using GuestOS.Kernel.Time;
using GuestOS.Machine;
using GuestOS.Machine.Memory;
using GuestOS.Machine.Processors;
using GuestOS.Machine.Time;

namespace GuestOS.Kernel;

/// <summary>Everything that the managed kernel needs of the machine and of the low-level kernel: the real thing, or a test's.</summary>
internal sealed record KernelMachine
{
    public required MachineInformation Information { get; init; }

    public required IPortSpace Ports { get; init; }

    public required IPhysicalMemory Memory { get; init; }

    public required IDmaMemory Dma { get; init; }

    /// <summary>The processors' side of the machine boundary.</summary>
    public required ProcessorPlatform Processors { get; init; }

    /// <summary>Memory that a host may take and add to.</summary>
    public required IDynamicMemory DynamicMemory { get; init; }

    /// <summary>The time of day.</summary>
    public required IWallClock WallClock { get; init; }

    public required IInterruptController Interrupts { get; init; }

    public required IPowerControl Power { get; init; }

    public required IKernelStatistics Statistics { get; init; }

    public required ITerminal Terminal { get; init; }

    public required IFileRequests FileRequests { get; init; }

    public required ILog Log { get; init; }

    public required ILogHistory LogHistory { get; init; }

    public required IEventLog Events { get; init; }

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The real machine.</summary>
    public static KernelMachine CreateReal()
    {
        var log = new KernelLog();
        MachineInformation information = KernelStatistics.ReadMachine();
        var clock = new KernelClock();
        var dma = new DmaMemory(new KernelDmaBackend());
        ProcessorPlatform processors = KernelProcessorPlatform.Create(information, dma, clock, log);
        return new KernelMachine
        {
            Information = information,
            Ports = new CpuPortSpace(),
            Memory = new PhysicalMemory(),
            Dma = dma,
            Processors = processors,
            DynamicMemory = new DynamicMemory(new KernelPages(), new RuntimeHeap()),
            WallClock = new WallClock(new KernelWallClockMover(), clock, ReferenceTime.Of(processors)),
            Interrupts = new KernelInterruptController(),
            Power = new PowerControl(),
            Statistics = new KernelStatistics(),
            Terminal = new KernelTerminal(),
            FileRequests = new KernelFileRequests(),
            Log = log,
            LogHistory = log,
            Events = new KernelEvents(),
            Clock = clock,
        };
    }
}
