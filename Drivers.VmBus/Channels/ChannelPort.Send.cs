using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Drivers.VmBus.Rings;

namespace GuestOS.Drivers.VmBus.Channels;

/// <summary>Sending and requests.</summary>
internal sealed partial class ChannelPort
{
    private readonly Lock _gate = new();
    private readonly RingWriter _writer;
    private readonly RequestTable _requests;
    private bool _canSend;

    public SendResult TrySend(ulong transactionId, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body) =>
        TrySend(new Outgoing { TransactionId = transactionId, Head = head, Body = body });

    public SendResult TryComplete(ulong transactionId, ReadOnlySpan<byte> payload) =>
        TrySend(new Outgoing { Type = PacketType.Completion, TransactionId = transactionId, Head = payload });

    public SendResult TrySend(ChannelRequest request, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body) =>
        TrySend(new Outgoing { Request = request, Head = head, Body = body });

    public SendResult TrySend(ChannelRequest request, ReadOnlySpan<PageBuffer> pages, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body) =>
        TrySend(new Outgoing { Type = PacketType.GpaDirect, Request = request, Pages = pages, Head = head, Body = body });

    public SendResult TrySend(ChannelRequest request, GpaRange range, ReadOnlySpan<ulong> frames, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body) =>
        TrySend(new Outgoing { Type = PacketType.GpaDirect, Request = request, Range = range, Frames = frames, Head = head, Body = body });

    public bool TryAbandon(ChannelRequest request)
    {
        lock (_gate)
            return _requests.TryAbandon(request);
    }

    /// <summary>Sends in-band, with a request or without, after those who wait already.</summary>
    public ValueTask<SendResult> SendAsync(ReadOnlyMemory<byte> payload, ChannelRequest? request, CancellationToken cancellationToken)
    {
        SendWaiter? waiter = null;
        SendResult result;
        var signals = false;
        lock (_gate)
        {
            if (!_canSend)
                result = SendResult.Closed;
            else if (RingWriter.InBandLength(payload.Length) > _writer.LargestPacket)
                result = SendResult.TooLarge;
            else if (_waiting.IsEmpty)
                result = Place(new Outgoing { Request = request, Head = payload.Span }, out signals);
            else
                result = SendResult.RingFull;
            if (result is SendResult.RingFull or SendResult.NoSlot)
                waiter = Enqueue(payload, request, cancellationToken);
        }

        if (waiter is not null)
        {
            var task = waiter.Task;
            waiter.Watch();
            return task;
        }

        if (signals)
            _signal.Send();
        return new ValueTask<SendResult>(result);
    }

    private SendResult TrySend(in Outgoing packet)
    {
        SendResult result;
        var signals = false;
        lock (_gate)
        {
            if (!_canSend)
                return SendResult.Closed;
            if (packet.Length > _writer.LargestPacket)
                return SendResult.TooLarge;
            // Those who wait come first.
            result = _waiting.IsEmpty ? Place(packet, out signals) : SendResult.RingFull;
            if (result == SendResult.RingFull)
                WantRoom(packet.Length);
            else if (result == SendResult.NoSlot)
                _slotIsWanted = true;
        }

        if (signals)
            _signal.Send();
        return result;
    }

    /// <summary>Puts a packet into the ring. Under the lock.</summary>
    private SendResult Place(in Outgoing packet, out bool signals)
    {
        signals = false;
        var id = packet.TransactionId;
        if (packet.Request is not null && !_requests.TryReserve(packet.Request, out id))
            return SendResult.NoSlot;
        var flags = packet.Request is null ? PacketFlags.None : PacketFlags.CompletionRequested;
        var result = RingWriteResult.Broken;
        try
        {
            result = packet.Type switch
            {
                PacketType.Completion => _writer.TryWriteCompletion(id, packet.Head, out signals),
                PacketType.GpaDirect when packet.Frames.IsEmpty => _writer.TryWritePages(packet.Pages, packet.Head, packet.Body, id, flags, out signals),
                PacketType.GpaDirect => _writer.TryWriteRange(packet.Range, packet.Frames, packet.Head, packet.Body, id, flags, out signals),
                _ => _writer.TryWriteInBand(packet.Head, packet.Body, id, flags, out signals),
            };
        }
        finally
        {
            if (result != RingWriteResult.Written && packet.Request is not null)
                _requests.Unreserve(packet.Request);
        }

        switch (result)
        {
            case RingWriteResult.Written:
                _tally.Sent++;
                // Whatever was announced ended with this packet; others may still wait for room.
                if (_roomWanted > 0 && _writer.AwaitSpace(_roomWanted))
                    Schedule();
                if (signals)
                    signals = _signal.Mark();
                return SendResult.Sent;
            case RingWriteResult.Full:
                _tally.RingFull++;
                return SendResult.RingFull;
            case RingWriteResult.TooLarge:
                return SendResult.TooLarge;
            default:
                Break("the read index of the host is impossible");
                _canSend = false;
                Schedule();
                return SendResult.Closed;
        }
    }

    private void SignalHost()
    {
        bool sends;
        lock (_gate)
            sends = _onQuiet is null && _signal.Mark();
        if (sends)
            _signal.Send();
    }

    private void Complete(ulong transactionId, ReadOnlySpan<byte> payload)
    {
        ChannelRequest? request;
        bool wasAbandoned;
        lock (_gate)
            request = _requests.Take(transactionId, out wasAbandoned);
        if (request is null)
        {
            _tally.StrayCompletions++;
        }
        else if (wasAbandoned)
        {
            _tally.LateCompletions++;
            request.OnReleased();
        }
        else
        {
            request.OnCompleted(RequestStatus.Completed, payload);
        }
    }

    private void EndRequests(RequestStatus status)
    {
        var from = 0;
        while (true)
        {
            ChannelRequest? request;
            bool wasAbandoned;
            lock (_gate)
                request = _requests.TakeAny(ref from, out wasAbandoned);
            if (request is null)
                return;
            if (!wasAbandoned)
                Guard(() => request.OnCompleted(status, default));
            else if (status != RequestStatus.Lost)
                Guard(request.OnReleased);
        }
    }

    /// <summary>A packet to be.</summary>
    private ref struct Outgoing
    {
        public Outgoing()
        {
        }

        public PacketType Type = PacketType.InBand;
        public ulong TransactionId;
        public ChannelRequest? Request;
        public GpaRange Range;
        public ReadOnlySpan<PageBuffer> Pages;
        public ReadOnlySpan<ulong> Frames;
        public ReadOnlySpan<byte> Head;
        public ReadOnlySpan<byte> Body;

        /// <summary>Bytes in the ring, footer not included.</summary>
        public readonly int Length => RingWriter.InBandLength(Head.Length + Body.Length) + Type switch
        {
            PacketType.GpaDirect when Frames.IsEmpty => GpaDirectHeader.Size + (Pages.Length * (GpaRange.Size + sizeof(ulong))),
            PacketType.GpaDirect => GpaDirectHeader.Size + GpaRange.Size + (Frames.Length * sizeof(ulong)),
            _ => 0,
        };
    }
}
