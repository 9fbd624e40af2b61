using System.Runtime.InteropServices;
using GuestOS.Drivers.Synthetic.Network.Protocol;
using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Drivers.VmBus.Rings;
using GuestOS.Machine.Network;
using static GuestOS.Drivers.Synthetic.Network.NetvscTally;

namespace GuestOS.Drivers.Synthetic.Network;

/// <summary>
/// Sending. A frame that fits is copied into a section of the send buffer, which spares the host to map its pages; others, and those that find
/// no section free, stay where they are and are named by address. What finds no room waits in order.
/// </summary>
internal sealed partial class NetvscAdapter
{
    private const int ShortestFrame = 60;
    private const int PageSize = 4096;

    /// <summary>Pieces of the largest frame that can be: 64 KiB anywhere, and the header.</summary>
    private const int MostPages = 18;

    private readonly SendQueue _waiting;
    private int _outstanding;
    private WaitList<bool>? _drained;

    private bool CanPlace => State == AdapterState.Flowing && _waiting.First is null;

    /// <summary>Frames that the host has not yet completed.</summary>
    internal int Outstanding => Volatile.Read(ref _outstanding);

    public ValueTask<NetworkResult> SendAsync(Frame frame, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(frame);
        if (FindFault(frame) is { } fault)
        {
            frame.Release();
            return new ValueTask<NetworkResult>(NetworkResult.Failure(fault));
        }

        Deferred deferred = default;
        SendRequest? request = null;
        NetworkError? error = null;
        lock (_gate)
        {
            if (_goneBecause is not null)
            {
                error = GoneError();
                deferred.Released.Enqueue(frame);
            }
            else if (!CanPlace || !TryPlace(frame, ref deferred))
            {
                request = _waiting.Enqueue(frame, default, cancellationToken);
            }
        }

        return Finish(request, error, ref deferred);
    }

    public ValueTask<NetworkResult> SendAsync(ReadOnlyMemory<Frame> frames, CancellationToken cancellationToken = default)
    {
        NetworkError? error = null;
        var good = frames;
        for (var i = 0; i < frames.Length && error is null; i++)
        {
            error = FindFault(frames.Span[i]);
            if (error is null)
                continue;
            good = frames[..i];
            foreach (var frame in frames.Span[i..])
                frame.Release();
        }

        Deferred deferred = default;
        SendRequest? request = null;
        lock (_gate)
        {
            var placed = 0;
            if (CanPlace)
            {
                while (placed < good.Length && TryPlace(good.Span[placed], ref deferred))
                    placed++;
            }

            if (placed < good.Length && _goneBecause is not null)
            {
                error ??= GoneError();
                foreach (var frame in good.Span[placed..])
                    deferred.Released.Enqueue(frame);
            }
            else if (placed < good.Length)
            {
                request = _waiting.Enqueue(null, good[placed..], cancellationToken);
                if (error is not null)
                    request.SetResult(NetworkResult.Failure(error));
            }
        }

        return Finish(request, error, ref deferred);
    }

    void ISendRequestOwner.Cancel(SendRequest request)
    {
        Deferred deferred = default;
        lock (_gate)
        {
            if (_waiting.Remove(request))
            {
                request.TakeLeft(ref deferred.Released);
                request.SetCancelled();
                deferred.Ended(request);
            }
        }

        deferred.Run(this);
    }

    void ISendRequestOwner.Return(SendRequest request)
    {
        lock (_gate)
            _waiting.Return(request);
    }

    /// <summary>The host is done with a frame, or the channel has ended.</summary>
    internal void OnSent(SendSlot slot, RequestStatus status, bool isSent)
    {
        Frame? frame;
        WaitList<bool>? drained = null;
        lock (_gate)
        {
            var session = slot.Session;
            frame = slot.Frame;
            slot.Frame = null;
            if (status == RequestStatus.Lost)
            {
                // The host may still read it: neither frame nor section is used again.
                session.IsLost = true;
                frame = null;
            }
            else
            {
                if (slot.Section >= 0)
                    session.Sections.Return(slot.Section);
                slot.Section = -1;
                slot.Next = session.FreeSlot;
                session.FreeSlot = slot;
            }

            if (--_outstanding == 0)
            {
                drained = _drained;
                _drained = null;
            }
        }

        if (isSent)
        {
            Tally.Add(Counter.SentFrames);
            Tally.Add(Counter.SentBytes, slot.Length);
        }
        else
        {
            Tally.Add(status == RequestStatus.Completed ? Counter.SendErrors : Counter.SendDropped);
        }

        frame?.Release();
        drained?.End(true);
    }

    /// <summary>Places what waits, as far as there is room.</summary>
    internal void Admit()
    {
        Deferred deferred = default;
        lock (_gate)
        {
            while (State == AdapterState.Flowing && _waiting.First is { } request)
            {
                while (request.Current is { } frame && TryPlace(frame, ref deferred))
                    request.Advance();
                if (request.Current is not null)
                    break;
                _waiting.Dequeue();
                deferred.Ended(request);
            }
        }

        deferred.Run(this);
    }

    private NetworkError? FindFault(Frame frame)
    {
        var offloads = _offloads;
        if (SendHeader.FindFault(frame, offloads) is { } fault)
            return new NetworkError(NetworkErrorKind.InvalidRequest, Name, $"a frame of {frame.Length} bytes asks for {fault}");
        var longest = frame.Offload.SegmentSize == 0 ? Mtu + NetvscOptions.HeaderSize : int.MaxValue;
        if (frame.Length >= NetvscOptions.HeaderSize && frame.Length <= longest && frame.Capacity >= ShortestFrame)
            return null;
        return new NetworkError(NetworkErrorKind.InvalidRequest, Name, $"a frame of {frame.Length} bytes: it takes {NetvscOptions.HeaderSize} to {longest}");
    }

    private ValueTask<NetworkResult> Finish(SendRequest? request, NetworkError? error, ref Deferred deferred)
    {
        // The task first: what runs now may end the request.
        var task = request?.Task ?? new ValueTask<NetworkResult>(error is null ? NetworkResult.Success : NetworkResult.Failure(error));
        request?.Watch();
        deferred.Run(this);
        return task;
    }

    /// <summary>Gives a frame to the host. False when there is no room; the channel tells when there is. Under the lock.</summary>
    private bool TryPlace(Frame frame, ref Deferred deferred)
    {
        var session = _session!;
        if (session.FreeSlot is not { } slot)
            return false;
        var length = frame.Length;
        if (length < ShortestFrame)
        {
            // Shorter frames are no frames on the wire. What is filled up must not be what was in memory before.
            frame.Length = ShortestFrame;
            frame.Data[length..].Clear();
        }

        Span<byte> header = stackalloc byte[SendHeader.Longest];
        header.Clear();
        header = header[..SendHeader.Write(frame, header)];
        session.FreeSlot = slot.Next;
        slot.Length = frame.Length;
        _outstanding++;
        var channel = session.QueueFor(frame.Data).Channel;
        var result = TrySend(session, slot, frame, header, channel);
        if (result is SendResult.Sent)
        {
            if (slot.Section >= 0)
                deferred.Released.Enqueue(frame);
            return true;
        }

        _outstanding--;
        if (slot.Section >= 0)
            session.Sections.Return(slot.Section);
        slot.Section = -1;
        slot.Frame = null;
        slot.Next = session.FreeSlot;
        session.FreeSlot = slot;
        Tally.Add(Counter.RingFull);
        return false;
    }

    private SendResult TrySend(NetvscSession session, SendSlot slot, Frame frame, ReadOnlySpan<byte> header, VmBusChannel channel)
    {
        Span<byte> envelope = stackalloc byte[NvspConstants.MessageSize];
        envelope.Clear();
        var message = new NvspRndisPacket { Type = NvspMessageType.RndisPacket, Channel = NvspChannelType.Data, SectionIndex = NvspConstants.NoSection };
        var length = header.Length + frame.Length;
        if (frame.Length <= _options.CopyLimit && length <= session.Sections.SectionSize)
        {
            if (session.Sections.TryTake(out var section))
            {
                slot.Section = section;
                var place = session.Section(section);
                header.CopyTo(place);
                frame.Data.CopyTo(place[header.Length..]);
                message.SectionIndex = (uint)section;
                message.SectionSize = (uint)length;
                MemoryMarshal.Write(envelope, message);
                Tally.Add(Counter.Copied);
                return channel.TrySendRequest(slot, envelope);
            }

            Tally.Add(Counter.NoSection);
        }

        MemoryMarshal.Write(envelope, message);
        header.CopyTo(session.Header(slot));
        Span<PageBuffer> pages = stackalloc PageBuffer[MostPages];
        pages[0] = session.HeaderPage(slot, header.Length);
        var count = 1;
        for (int at = 0, piece; at < frame.Length; at += piece)
        {
            var address = frame.PhysicalAddress.Value + (ulong)at;
            var offset = (int)(address % PageSize);
            piece = Math.Min(PageSize - offset, frame.Length - at);
            pages[count++] = new PageBuffer(address / PageSize, offset, piece);
        }

        slot.Frame = frame;
        Tally.Add(Counter.ByAddress);
        return channel.TrySendRequest(slot, pages[..count], envelope);
    }
}
