using GuestOS.Machine.Processors;

namespace GuestOS.Testing.Guests;

/// <summary>
/// Tells the guest's own work apart from that of the simulated machine: its thread pool runs when the test lets it, and its hypercalls are
/// counted. Of one guest.
/// </summary>
public sealed class MeteredPlatform
{
    private MeteredHypercall? _hypercall;

    /// <summary>The guest's thread pool.</summary>
    public QueueExecutor Executor { get; } = new();

    /// <summary>Hypercalls of the guest so far.</summary>
    public long Calls => _hypercall?.Calls ?? 0;

    /// <summary>Bytes of the managed heap that this thread has allocated so far, without those of the hypervisor in hypercalls.</summary>
    public long Allocated => GC.GetAllocatedBytesForCurrentThread() - (_hypercall?.AllocatedInside ?? 0);

    /// <summary>The platform that the guest gets: <see cref="SimulatedGuestOptions.Platform"/>.</summary>
    public ProcessorPlatform Replace(ProcessorPlatform real)
    {
        ArgumentNullException.ThrowIfNull(real);
        return new ProcessorPlatform
        {
            CpuId = real.CpuId,
            Msr = real.Msr,
            Hypercall = _hypercall = new MeteredHypercall(real.Hypercall),
            Tsc = real.Tsc,
            Processors = real.Processors,
            Vectors = real.Vectors,
            Executor = Executor,
            SharedPages = real.SharedPages,
            Dma = real.Dma,
            Clock = real.Clock,
            Log = real.Log,
        };
    }
}
