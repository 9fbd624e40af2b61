using GuestOS.Sandbox.Scheduling;

namespace GuestOS.Sandbox.Partition;

/// <summary>One virtual processor: its interrupts, SynIC and timers.</summary>
public sealed class VirtualProcessor : IDisposable
{
    private readonly SimulatedPartition _partition;
    private readonly Worker _interrupts;
    private readonly HashSet<byte> _requested = [];

    internal VirtualProcessor(SimulatedPartition partition, int number)
    {
        _partition = partition;
        Number = number;
        VpIndex = partition.Options.VpIndexOf(number);
        _interrupts = new Worker(partition.Clock);
        SynIc = new SynIcModel(partition, this);
        Timers = [.. Enumerable.Range(0, 4).Select(index => new SyntheticTimerModel(partition, this, index))];
    }

    /// <summary>The guest's number.</summary>
    public int Number { get; }

    /// <summary>The hypervisor's number.</summary>
    public uint VpIndex { get; }

    /// <summary>Synthetic interrupt controller.</summary>
    public SynIcModel SynIc { get; }

    /// <summary>Four synthetic timers.</summary>
    public IReadOnlyList<SyntheticTimerModel> Timers { get; }

    /// <summary>Vectors raised while nobody had them.</summary>
    public int Spurious { get; private set; }

    /// <summary>Interrupts that handlers ran for.</summary>
    public long Delivered { get; private set; }

    /// <summary>Value of VP_ASSIST_PAGE.</summary>
    internal ulong AssistPage { get; set; }

    /// <summary>Writes of EOI.</summary>
    public int EndsOfInterrupt { get; internal set; }

    /// <summary>Requests an interrupt: delivered once however often it is requested before.</summary>
    public void Raise(byte vector)
    {
        lock (_requested)
        {
            if (!_requested.Add(vector))
                return;
        }

        _interrupts.Post(() => Deliver(vector));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _interrupts.Dispose();
        SynIc.Dispose();
        foreach (var timer in Timers)
            timer.Dispose();
    }

    private void Deliver(byte vector)
    {
        lock (_requested)
            _requested.Remove(vector);
        if (!_partition.Vectors.TryGet(vector, out var handler, out _))
        {
            Spurious++;
            return;
        }

        Delivered++;
        _partition.RunOn(Number, () => handler(Number));
    }
}
