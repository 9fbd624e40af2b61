namespace GuestOS.Drivers.VmBus.Channels;

/// <summary>What a channel has counted since it was offered.</summary>
public readonly record struct ChannelCounters
{
    /// <summary>Packets that were sent.</summary>
    public long Sent { get; init; }

    /// <summary>Packets that were received, completions included.</summary>
    public long Received { get; init; }

    /// <summary>Interrupts from the host.</summary>
    public long Interrupts { get; init; }

    /// <summary>Signals to the host by hypercall.</summary>
    public long Signals { get; init; }

    /// <summary>Signals to the host through the monitor page.</summary>
    public long MonitorSignals { get; init; }

    /// <summary>Times that the outbound ring was full.</summary>
    public long RingFull { get; init; }

    /// <summary>Inbound packets that were dropped: a type that is not taken, a bad descriptor, or larger than the buffer (R4, R5).</summary>
    public long Dropped { get; init; }

    /// <summary>Completions for transaction ids that are not outstanding: late, twice, or made up (R8, R9).</summary>
    public long StrayCompletions { get; init; }

    /// <summary>Completions of requests that were given up before.</summary>
    public long LateCompletions { get; init; }

    /// <summary>Times that one turn's budget of packets was used up (R7).</summary>
    public long BudgetEnds { get; init; }
}
