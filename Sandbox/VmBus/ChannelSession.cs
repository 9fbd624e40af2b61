using System.Buffers.Binary;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Sandbox.Scheduling;
using GuestOS.Sandbox.VmBus.Rings;

namespace GuestOS.Sandbox.VmBus;

/// <summary>
/// An open channel as its provider sees it. Packets of the guest come one after another through <see cref="IChannelProvider.Receive"/>,
/// on the channel's worker; packets to the guest are queued here and written as the ring has room. After the close everything is ignored.
/// </summary>
public sealed partial class ChannelSession : IDisposable
{
    private readonly VmBusHost _host;
    private readonly Lock _gate = new();
    private readonly Worker _worker;
    private readonly HashSet<SessionTimer> _timers = [];
    private bool _isClosed;

    internal ChannelSession(VmBusHost host, HostChannel channel, SessionParameters parameters)
    {
        _host = host;
        Channel = channel;
        Parameters = parameters;
        var pages = parameters.Ring.Pages;
        _outbound = new HostRing(pages, 0, parameters.DownstreamPage);
        _inbound = new HostRing(pages, parameters.DownstreamPage, pages.Count - parameters.DownstreamPage);
        _reader = new HostRingReader(_outbound);
        _writer = new HostRingWriter(_inbound);
        TargetVp = parameters.TargetVp;
        _worker = new Worker(host.Transport.Clock, host.Options.ChannelLatency);
    }

    /// <summary>The channel.</summary>
    public HostChannel Channel { get; }

    /// <summary>Version of the connection.</summary>
    public VmBusVersion Version => Parameters.Version;

    /// <summary>What the guest passed for the service, 120 bytes.</summary>
    public ReadOnlyMemory<byte> UserData => Parameters.UserData;

    /// <summary>Processor of the channel's interrupts.</summary>
    public VpIndex TargetVp { get; internal set; }

    /// <summary>The guest opened it in another host, whose provider saved its state; the rings go on where they were.</summary>
    public bool IsRestored => Parameters.IsRestored;

    /// <summary>Time.</summary>
    public TimeProvider Clock => _host.Transport.Clock;

    /// <summary>What the guest did wrong in its ring; the channel does nothing more then. Null while all is well.</summary>
    public string? Failure { get; private set; }

    /// <summary>True after the close.</summary>
    public bool IsClosed
    {
        get
        {
            lock (_gate)
                return _isClosed;
        }
    }

    /// <summary>Data bytes of the guest-to-host ring.</summary>
    public int OutboundSize => (int)_outbound.Size;

    /// <summary>Data bytes of the host-to-guest ring.</summary>
    public int InboundSize => (int)_inbound.Size;

    /// <summary>The guest-to-host ring, for a test that spoils it.</summary>
    public HostRing Outbound => _outbound;

    /// <summary>The host-to-guest ring, for a test that spoils it.</summary>
    public HostRing Inbound => _inbound;

    internal SessionParameters Parameters { get; }

    internal Worker Worker => _worker;

    /// <summary>True when the rings lie in that buffer.</summary>
    public bool UsesForRing(HostGpadl gpadl) => Parameters.Ring == gpadl;

    /// <summary>Queues an in-band packet.</summary>
    /// <param name="payload">Its payload; padded to a multiple of 8.</param>
    /// <param name="transactionId">Its transaction id.</param>
    /// <param name="wantsCompletion">Whether the guest is to answer with a completion.</param>
    public void SendInBand(ReadOnlySpan<byte> payload, ulong transactionId = 0, bool wantsCompletion = false) =>
        Send(PacketType.InBand, wantsCompletion ? PacketFlags.CompletionRequested : PacketFlags.None, transactionId, [], payload);

    /// <summary>Queues a completion.</summary>
    public void Complete(ulong transactionId, ReadOnlySpan<byte> payload) => Send(PacketType.Completion, PacketFlags.None, transactionId, [], payload);

    /// <summary>Queues a packet whose data lies in ranges of a buffer that the guest set up.</summary>
    public void SendTransferPages(
        ushort setId, ReadOnlySpan<TransferPageRange> ranges, ReadOnlySpan<byte> payload, ulong transactionId, bool wantsCompletion)
    {
        var descriptor = new byte[TransferPagesHeader.Size + (ranges.Length * TransferPageRange.Size)];
        BinaryPrimitives.WriteUInt16LittleEndian(descriptor, setId);
        BinaryPrimitives.WriteUInt32LittleEndian(descriptor.AsSpan(4), (uint)ranges.Length);
        for (var i = 0; i < ranges.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(descriptor.AsSpan(8 + (i * 8)), ranges[i].ByteCount);
            BinaryPrimitives.WriteUInt32LittleEndian(descriptor.AsSpan(12 + (i * 8)), ranges[i].ByteOffset);
        }

        Send(PacketType.TransferPages, wantsCompletion ? PacketFlags.CompletionRequested : PacketFlags.None, transactionId, descriptor, payload);
    }

    /// <summary>Queues any packet.</summary>
    /// <param name="type">Type.</param>
    /// <param name="flags">Flags.</param>
    /// <param name="transactionId">Transaction id.</param>
    /// <param name="descriptor">Between header and payload; a multiple of 8 bytes.</param>
    /// <param name="payload">Payload.</param>
    public void Send(PacketType type, PacketFlags flags, ulong transactionId, ReadOnlySpan<byte> descriptor, ReadOnlySpan<byte> payload)
    {
        if (descriptor.Length % 8 != 0)
            throw new ArgumentException($"A descriptor of {descriptor.Length} bytes.", nameof(descriptor));
        Enqueue(new OutgoingPacket(type, flags, transactionId, descriptor.ToArray(), payload.ToArray()));
    }

    /// <summary>Memory that the guest set up on this channel under that handle; null when there is none.</summary>
    public HostGpadl? FindGpadl(GpadlId id) => _host.FindGpadl(Channel, id);

    /// <summary>Offers more channels of this device, with the indices 1 to <paramref name="count"/>; those that exist stay.</summary>
    public void OfferSubchannels(int count) => _host.Post(() => _host.OfferSubchannels(Channel.Primary ?? Channel, count));

    /// <summary>Takes the channel back.</summary>
    public void Rescind() => _host.Rescind(Channel);

    /// <summary>Runs on the channel's worker.</summary>
    public void Post(Action action) => _worker.Post(() => Run(action));

    /// <summary>Runs on the channel's worker after a time, unless the channel is closed by then. Dispose the result to call it off.</summary>
    public IDisposable PostAfter(TimeSpan time, Action action) => Start(time, Timeout.InfiniteTimeSpan, action);

    /// <summary>Runs on the channel's worker again and again until the result is disposed or the channel closed.</summary>
    public IDisposable PostEvery(TimeSpan period, Action action) => Start(period, period, action);

    /// <summary>Notes what the guest did against the protocol of the device.</summary>
    public void Report(string what) => _host.GuestError(Channel.RelId.Value, what);

    /// <summary>The guest broke the protocol of the device beyond repair: nothing more is read or sent, as a real host's worker stops.</summary>
    public void Fail(string what)
    {
        Failure ??= what;
        Report(what + "; the channel stops");
    }

    /// <summary>Ends the work on the rings; the host's own, providers do not call it.</summary>
    public void Dispose() => Close(CloseReason.Disposed);

    /// <summary>The guest signalled.</summary>
    internal void Signalled()
    {
        RequestIn();
        if (Waiting > 0)
            RequestOut();
    }

    internal void Close(CloseReason reason)
    {
        lock (_gate)
        {
            if (_isClosed)
                return;
            _isClosed = true;
            _worker.Dispose();
            foreach (var timer in _timers.ToList())
                timer.Dispose();
            _host.Trace.Add(TraceKind.Note, Channel.RelId.Value, $"closed: {reason}");
            Channel.Provider.Close(this, reason);
        }
    }

    /// <summary>The provider did not take it.</summary>
    internal void Refuse()
    {
        lock (_gate)
            _isClosed = true;
        _worker.Dispose();
    }

    internal void Forget(SessionTimer timer)
    {
        lock (_gate)
            _timers.Remove(timer);
    }

    private SessionTimer Start(TimeSpan time, TimeSpan period, Action action)
    {
        var timer = new SessionTimer(this, action, isPeriodic: period != Timeout.InfiniteTimeSpan);
        lock (_gate)
        {
            if (_isClosed)
            {
                timer.Dispose();
                return timer;
            }

            _timers.Add(timer);
        }

        timer.Start(time, period);
        return timer;
    }

    private void Run(Action action)
    {
        lock (_gate)
        {
            if (!_isClosed)
                action();
        }
    }
}
