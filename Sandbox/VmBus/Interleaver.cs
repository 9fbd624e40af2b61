using GuestOS.Sandbox.Memory;

namespace GuestOS.Sandbox.VmBus;

/// <summary>
/// Lets the host act inside of the guest's barriers, as a seed decides: between the guest's publishing an index and its reading the mask,
/// between unmasking and looking again, and wherever else the order of two accesses matters.
/// </summary>
public sealed class Interleaver : IDisposable
{
    private readonly SimulatedMemory _memory;
    private readonly VmBusHost _host;
    private readonly Random _random;
    private readonly int _mostSteps;

    /// <param name="memory">The guest's memory.</param>
    /// <param name="host">The host.</param>
    /// <param name="seed">Decides when the host acts, and which of its workers.</param>
    /// <param name="mostSteps">Steps of the host in one barrier at most.</param>
    public Interleaver(SimulatedMemory memory, VmBusHost host, int seed, int mostSteps = 3)
    {
        ArgumentNullException.ThrowIfNull(memory);
        _memory = memory;
        _host = host;
        _random = new Random(seed);
        _mostSteps = mostSteps;
        memory.AtBarrier = Step;
    }

    /// <summary>Steps that the host took inside of the guest.</summary>
    public long Steps { get; private set; }

    /// <summary>The host acts between the guest's handlers only.</summary>
    public void Dispose() => _memory.AtBarrier = null;

    private void Step()
    {
        for (var count = _random.Next(_mostSteps + 1); count > 0; count--)
        {
            if (_host.TryStep(_random.Next(1 << 16)))
                Steps++;
        }
    }
}
