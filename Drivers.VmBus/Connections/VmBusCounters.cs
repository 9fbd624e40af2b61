namespace GuestOS.Drivers.VmBus.Connections;

/// <summary>What a connection has counted so far.</summary>
public readonly record struct VmBusCounters
{
    /// <summary>Messages that came.</summary>
    public long MessagesReceived { get; init; }

    /// <summary>Messages that were posted.</summary>
    public long MessagesPosted { get; init; }

    /// <summary>Times that a post was tried again because the host had no buffers.</summary>
    public long PostRetries { get; init; }

    /// <summary>Messages of an unknown type, of the wrong direction, or of a later version than was negotiated (V2).</summary>
    public long UnknownMessages { get; init; }

    /// <summary>Messages shorter than their type (V1).</summary>
    public long ShortMessages { get; init; }

    /// <summary>Messages that name an id which does not exist (V3).</summary>
    public long UnknownIds { get; init; }

    /// <summary>Answers that nobody waits for: late, twice, or made up (V4).</summary>
    public long LateAnswers { get; init; }

    /// <summary>Waits that ended without an answer.</summary>
    public long TimeOuts { get; init; }

    /// <summary>Offers that were taken.</summary>
    public long Offers { get; init; }

    /// <summary>Offers that were not taken (V3, V6, V7, V8).</summary>
    public long RejectedOffers { get; init; }

    /// <summary>Channels that the host took back.</summary>
    public long Rescinds { get; init; }

    /// <summary>Channel ids that were released to the host.</summary>
    public long Releases { get; init; }

    /// <summary>Event flags of channels that do not exist or are closed (V11).</summary>
    public long StrayEvents { get; init; }

    /// <summary>Signals that the hypervisor refused.</summary>
    public long FailedSignals { get; init; }

    /// <summary>Bytes that may not be used again because the host never said that it let go of them (V12).</summary>
    public long LeakedBytes { get; init; }
}
