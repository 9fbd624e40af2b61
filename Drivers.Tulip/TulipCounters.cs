using GuestOS.Machine.Network;

namespace GuestOS.Drivers.Tulip;

/// <summary>What happened on an adapter since it was attached. Written under the adapter's lock.</summary>
internal sealed class TulipCounters
{
    public long ReceivedFrames { get; set; }

    public long ReceivedBytes { get; set; }

    public long ReceiveTooLong { get; set; }

    public long ReceiveCrc { get; set; }

    public long ReceiveOverflow { get; set; }

    public long ReceiveRunt { get; set; }

    public long ReceiveWatchdog { get; set; }

    public long ReceiveDescriptor { get; set; }

    public long ReceiveBadLength { get; set; }

    public long ReceiveOther { get; set; }

    /// <summary>Good frames for which no empty frame was left to put in their place.</summary>
    public long ReceiveNoFrame { get; set; }

    /// <summary>Frames that the chip itself missed (CSR8).</summary>
    public long ReceiveMissed { get; set; }

    /// <summary>Times that the chip ran out of receive descriptors.</summary>
    public long ReceiveNoBuffer { get; set; }

    public long SentFrames { get; set; }

    public long SentBytes { get; set; }

    public long SendErrors { get; set; }

    public long SendDropped { get; set; }

    public long Underflows { get; set; }

    public long Jabbers { get; set; }

    public long BusErrors { get; set; }

    public long SendTimeouts { get; set; }

    public long Resets { get; set; }

    public long Interrupts { get; set; }

    /// <summary>Interrupts that the adapter had not asked for.</summary>
    public long Spurious { get; set; }

    /// <summary>Finished descriptors that only the watch timer found.</summary>
    public long LostInterrupts { get; set; }

    public long SetupFrames { get; set; }

    public long LinkChanges { get; set; }

    public NetworkStatistics Statistics => new()
    {
        ReceivedFrames = ReceivedFrames,
        ReceivedBytes = ReceivedBytes,
        ReceiveErrors = ReceiveTooLong + ReceiveCrc + ReceiveRunt + ReceiveWatchdog + ReceiveDescriptor + ReceiveBadLength + ReceiveOther,
        ReceiveDropped = ReceiveOverflow + ReceiveNoFrame + ReceiveMissed,
        SentFrames = SentFrames,
        SentBytes = SentBytes,
        SendErrors = SendErrors,
        SendDropped = SendDropped,
    };

    public void CountReceiveError(ReceiveVerdict verdict)
    {
        switch (verdict)
        {
            case ReceiveVerdict.CrcError:
                ReceiveCrc++;
                break;
            case ReceiveVerdict.Overflow:
                ReceiveOverflow++;
                break;
            case ReceiveVerdict.DescriptorError:
                ReceiveDescriptor++;
                break;
            case ReceiveVerdict.Runt:
                ReceiveRunt++;
                break;
            case ReceiveVerdict.Watchdog:
                ReceiveWatchdog++;
                break;
            case ReceiveVerdict.BadLength:
                ReceiveBadLength++;
                break;
            default:
                ReceiveOther++;
                break;
        }
    }

    public IReadOnlyList<NetworkCounter> List() =>
    [
        new("interrupts", Interrupts),
        new("interrupts not asked for", Spurious),
        new("interrupts lost", LostInterrupts),
        new("receive: too long", ReceiveTooLong),
        new("receive: CRC", ReceiveCrc),
        new("receive: runt", ReceiveRunt),
        new("receive: cut by the watchdog", ReceiveWatchdog),
        new("receive: descriptor", ReceiveDescriptor),
        new("receive: impossible length", ReceiveBadLength),
        new("receive: other errors", ReceiveOther),
        new("receive: FIFO overflow", ReceiveOverflow),
        new("receive: missed by the chip", ReceiveMissed),
        new("receive: no empty frame", ReceiveNoFrame),
        new("receive: ring empty", ReceiveNoBuffer),
        new("send: underflow", Underflows),
        new("send: jabber", Jabbers),
        new("send: time-out", SendTimeouts),
        new("fatal bus errors", BusErrors),
        new("resets", Resets),
        new("setup frames", SetupFrames),
        new("link changes", LinkChanges),
    ];
}
