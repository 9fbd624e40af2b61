using GuestOS.Machine.Network;

namespace GuestOS.Drivers.Synthetic.Network;

/// <summary>What happened on an adapter since it was attached. Receiving channels count side by side, hence the interlocked additions.</summary>
internal sealed class NetvscTally
{
    private readonly long[] _values = new long[(int)Counter.Last];

    public enum Counter
    {
        ReceivedFrames,
        ReceivedBytes,
        NoFrame,
        NotWanted,
        BadPackets,
        BadRanges,
        BadMessages,
        BadInfo,
        TooLong,
        DeferredCompletions,
        SentFrames,
        SentBytes,
        SendErrors,
        SendDropped,
        Copied,
        ByAddress,
        NoSection,
        RingFull,
        StrayControl,
        KeepAlives,
        HostMessages,
        LinkChanges,
        VirtualFunctions,
        Last,
    }

    public NetworkStatistics Statistics => new()
    {
        ReceivedFrames = this[Counter.ReceivedFrames],
        ReceivedBytes = this[Counter.ReceivedBytes],
        ReceiveErrors = this[Counter.BadRanges] + this[Counter.BadMessages] + this[Counter.BadInfo] + this[Counter.TooLong],
        ReceiveDropped = this[Counter.NoFrame] + this[Counter.NotWanted],
        SentFrames = this[Counter.SentFrames],
        SentBytes = this[Counter.SentBytes],
        SendErrors = this[Counter.SendErrors],
        SendDropped = this[Counter.SendDropped],
    };

    public long this[Counter counter] => Interlocked.Read(ref _values[(int)counter]);

    public void Add(Counter counter, long count = 1) => Interlocked.Add(ref _values[(int)counter], count);

    public IReadOnlyList<NetworkCounter> List() =>
    [
        new("receive: no empty frame", this[Counter.NoFrame]),
        new("receive: while held", this[Counter.NotWanted]),
        new("receive: bad packets", this[Counter.BadPackets]),
        new("receive: bad ranges", this[Counter.BadRanges]),
        new("receive: bad messages", this[Counter.BadMessages]),
        new("receive: bad packet information", this[Counter.BadInfo]),
        new("receive: too long", this[Counter.TooLong]),
        new("receive: completions that had to wait", this[Counter.DeferredCompletions]),
        new("send: copied", this[Counter.Copied]),
        new("send: by address", this[Counter.ByAddress]),
        new("send: no section free", this[Counter.NoSection]),
        new("send: ring full", this[Counter.RingFull]),
        new("control: answers that nobody waits for", this[Counter.StrayControl]),
        new("control: keep-alives", this[Counter.KeepAlives]),
        new("control: bad or unknown host messages", this[Counter.HostMessages]),
        new("link changes", this[Counter.LinkChanges]),
        new("virtual function notices", this[Counter.VirtualFunctions]),
    ];
}
