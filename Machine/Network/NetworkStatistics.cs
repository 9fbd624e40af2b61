namespace GuestOS.Machine.Network;

/// <summary>What every network interface counts, since it was attached. Bytes are those of frames without check sequence.</summary>
public readonly record struct NetworkStatistics
{
    /// <summary>Frames received and delivered.</summary>
    public long ReceivedFrames { get; init; }

    /// <summary>Bytes of these.</summary>
    public long ReceivedBytes { get; init; }

    /// <summary>Frames that were damaged.</summary>
    public long ReceiveErrors { get; init; }

    /// <summary>Good frames that there was no room for, in the device or in memory.</summary>
    public long ReceiveDropped { get; init; }

    /// <summary>Frames sent.</summary>
    public long SentFrames { get; init; }

    /// <summary>Bytes of these.</summary>
    public long SentBytes { get; init; }

    /// <summary>Frames that the device gave up.</summary>
    public long SendErrors { get; init; }

    /// <summary>Frames that were taken and never sent, because the device went away.</summary>
    public long SendDropped { get; init; }
}
