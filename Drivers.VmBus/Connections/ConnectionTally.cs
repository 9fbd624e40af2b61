namespace GuestOS.Drivers.VmBus.Connections;

/// <summary>The counters behind <see cref="VmBusCounters"/>. Written by the pump, save those that vector threads and senders add to.</summary>
internal sealed class ConnectionTally
{
    private long _strayEvents;
    private long _failedSignals;

    public long MessagesReceived { get; set; }

    public long MessagesPosted { get; set; }

    public long PostRetries { get; set; }

    public long UnknownMessages { get; set; }

    public long ShortMessages { get; set; }

    public long UnknownIds { get; set; }

    public long LateAnswers { get; set; }

    public long TimeOuts { get; set; }

    public long Offers { get; set; }

    public long RejectedOffers { get; set; }

    public long Rescinds { get; set; }

    public long Releases { get; set; }

    public long LeakedBytes { get; set; }

    public void AddStrayEvents(int count) => Interlocked.Add(ref _strayEvents, count);

    public void AddFailedSignal() => Interlocked.Increment(ref _failedSignals);

    public VmBusCounters Read() => new()
    {
        MessagesReceived = MessagesReceived,
        MessagesPosted = MessagesPosted,
        PostRetries = PostRetries,
        UnknownMessages = UnknownMessages,
        ShortMessages = ShortMessages,
        UnknownIds = UnknownIds,
        LateAnswers = LateAnswers,
        TimeOuts = TimeOuts,
        Offers = Offers,
        RejectedOffers = RejectedOffers,
        Rescinds = Rescinds,
        Releases = Releases,
        StrayEvents = Interlocked.Read(ref _strayEvents),
        FailedSignals = Interlocked.Read(ref _failedSignals),
        LeakedBytes = LeakedBytes,
    };
}
