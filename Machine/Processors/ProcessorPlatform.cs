namespace GuestOS.Machine.Processors;

/// <summary>The processors' side of the machine boundary: what the hypervisor interface and VMBus are built on.</summary>
public sealed class ProcessorPlatform
{
    /// <summary>CPUID.</summary>
    public required ICpuId CpuId { get; init; }

    /// <summary>Model-specific registers.</summary>
    public required IMsr Msr { get; init; }

    /// <summary>Hypercalls.</summary>
    public required IHypercall Hypercall { get; init; }

    /// <summary>Time-stamp counter.</summary>
    public required ITimestampCounter Tsc { get; init; }

    /// <summary>The processors.</summary>
    public required IProcessors Processors { get; init; }

    /// <summary>Interrupt vectors.</summary>
    public required IProcessorVectors Vectors { get; init; }

    /// <summary>Where drivers' work runs.</summary>
    public required IExecutor Executor { get; init; }

    /// <summary>Pages that are shared with the hypervisor already.</summary>
    public required ISharedPages SharedPages { get; init; }

    /// <summary>Memory to share with the hypervisor.</summary>
    public required IDmaMemory Dma { get; init; }

    /// <summary>Timestamps and timers.</summary>
    public required TimeProvider Clock { get; init; }

    /// <summary>The log.</summary>
    public required ILog Log { get; init; }
}
