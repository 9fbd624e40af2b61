namespace GuestOS.Drivers.VmBus.Channels;

/// <summary>
/// The counters behind <see cref="ChannelCounters"/>. Those of sending are written under the port's lock, those of receiving by its one
/// reader, the others by anybody.
/// </summary>
internal sealed class ChannelTally
{
    private long _interrupts;
    private long _signals;

    public long Sent { get; set; }

    public long Received { get; set; }

    public long MonitorSignals { get; set; }

    public long RingFull { get; set; }

    public long Dropped { get; set; }

    public long StrayCompletions { get; set; }

    public long LateCompletions { get; set; }

    public long BudgetEnds { get; set; }

    public void AddInterrupt() => Interlocked.Increment(ref _interrupts);

    public void AddSignal() => Interlocked.Increment(ref _signals);

    public ChannelCounters Read() => new()
    {
        Sent = Sent,
        Received = Received,
        Interrupts = Interlocked.Read(ref _interrupts),
        Signals = Interlocked.Read(ref _signals),
        MonitorSignals = MonitorSignals,
        RingFull = RingFull,
        Dropped = Dropped,
        StrayCompletions = StrayCompletions,
        LateCompletions = LateCompletions,
        BudgetEnds = BudgetEnds,
    };
}
