using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Machine;
using GuestOS.Machine.Processors;
using GuestOS.Sandbox.Memory;
using GuestOS.Sandbox.Scheduling;

namespace GuestOS.Sandbox.Partition;

/// <summary>
/// A partition as its hypervisor sees it: guest memory, virtual processors with their registers and SynICs, reference time, ports for
/// posted messages and signalled events. The guest gets at it through <see cref="Platform"/>.
/// </summary>
public sealed class SimulatedPartition : IDisposable
{
    private readonly VirtualProcessor[] _processors;
    private readonly long _start;

    /// <param name="clock">Time; a test drives it, and its seed orders what happens at the same moment.</param>
    /// <param name="memory">Guest memory.</param>
    /// <param name="log">The guest's log.</param>
    /// <param name="options">What is offered.</param>
    public SimulatedPartition(TimeProvider clock, SimulatedMemory memory, ILog log, PartitionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(clock);
        Clock = clock;
        Memory = memory;
        Options = options ?? new PartitionOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(Options.Processors, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Options.Processors, 64, nameof(options));
        _start = clock.GetTimestamp();
        Registers = new PartitionRegisters(this);
        Hypercalls = new HypercallModel(this);
        Vectors = new VectorModel(this);
        _processors = [.. Enumerable.Range(0, Options.Processors).Select(index => new VirtualProcessor(this, index))];
        Platform = new ProcessorPlatform
        {
            CpuId = new CpuIdModel(Options),
            Msr = Registers,
            Hypercall = Hypercalls,
            Tsc = new TscModel(this),
            Processors = new ProcessorsModel(this),
            Vectors = Vectors,
            Executor = new SimulatedExecutor(clock),
            SharedPages = new SharedPagesModel(memory),
            Dma = memory,
            Clock = clock,
            Log = log,
        };
    }

    /// <summary>What the guest gets.</summary>
    public ProcessorPlatform Platform { get; }

    /// <summary>What is offered.</summary>
    public PartitionOptions Options { get; }

    /// <summary>Time.</summary>
    public TimeProvider Clock { get; }

    /// <summary>Guest memory.</summary>
    public SimulatedMemory Memory { get; }

    /// <summary>Registers.</summary>
    public PartitionRegisters Registers { get; }

    /// <summary>Hypercalls.</summary>
    public HypercallModel Hypercalls { get; }

    /// <summary>Interrupt vectors.</summary>
    public VectorModel Vectors { get; }

    /// <summary>The processors.</summary>
    public IReadOnlyList<VirtualProcessor> Processors => _processors;

    /// <summary>Reference time, 100 ns since the partition was made.</summary>
    public ulong ReferenceTime => (ulong)Clock.GetElapsedTime(_start).Ticks;

    /// <summary>The processor on which the caller runs; 0 outside of <see cref="IProcessors.Run"/> and interrupt handlers.</summary>
    internal int Current { get; set; }

    /// <summary>The processor with that index, or null.</summary>
    public VirtualProcessor? Find(uint vpIndex) => Array.Find(_processors, processor => processor.VpIndex == vpIndex);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var processor in _processors)
            processor.Dispose();
        Registers.Dispose();
    }

    /// <summary>Runs guest code on a processor.</summary>
    internal void RunOn(int processor, Action action)
    {
        var before = Current;
        Current = processor;
        try
        {
            action();
        }
        finally
        {
            Current = before;
        }
    }

    private sealed class ProcessorsModel(SimulatedPartition partition) : IProcessors
    {
        public int Count => partition._processors.Length;

        public int Current => partition.Current;

        public void Run(int processor, Action action) => partition.RunOn(processor, action);
    }

    private sealed class SharedPagesModel(SimulatedMemory memory) : ISharedPages
    {
        public DmaBuffer Adopt(PhysicalAddress page) => memory.Adopt(page);
    }

    private sealed class TscModel(SimulatedPartition partition) : ITimestampCounter
    {
        public ulong Read() => partition.ReferenceTime * (partition.Options.TscFrequency / 10_000_000);
    }
}
