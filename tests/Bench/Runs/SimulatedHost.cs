using GuestOS.Sandbox.VmBus;

namespace GuestOS.Bench.Runs;

/// <summary>How the simulated host takes what the guest sends; hypercalls depend on it.</summary>
/// <param name="Name">For people.</param>
/// <param name="StepsSingly">As in <see cref="VmBusHostOptions.StepsSingly"/>.</param>
internal sealed record SimulatedHost(string Name, bool StepsSingly)
{
    /// <summary>A host whose worker drains a ring before it unmasks it, as a busy worker of a real host does.</summary>
    public static SimulatedHost Draining { get; } = new("draining host", StepsSingly: false);

    /// <summary>A host between any two of whose steps the guest may run: it falls asleep, and is signalled, more often than the other when many requests are under way.</summary>
    public static SimulatedHost Stepping { get; } = new("stepping host", StepsSingly: true);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<SimulatedHost> All { get; } = [Draining, Stepping];

    /// <summary>What the names mean, for a report.</summary>
    public const string Note = "Draining host: takes all that is in a ring before it looks at the guest again. Stepping host: one step (mask, take one packet, unmask, answer, interrupt) at a time, and between any two the guest may run.";

    public VmBusHostOptions Options => new() { StepsSingly = StepsSingly };
}
