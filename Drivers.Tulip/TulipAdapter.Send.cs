using GuestOS.Machine.Network;

namespace GuestOS.Drivers.Tulip;

/// <summary>Sending: frames go into the ring while there is room, and wait in order while there is none.</summary>
internal sealed partial class TulipAdapter
{
    private readonly SendQueue _waiting;

    /// <summary>Frames that the chip has broken off: they go again before all others.</summary>
    private FrameQueue _brokenOff;

    /// <summary>Frames that were taken before a restart, and wait for room in the ring: they go before all new ones.</summary>
    private FrameQueue _resend;

    private bool HasUnsent => _brokenOff.Count != 0 || _resend.Count != 0;

    private bool CanPlace =>
        _phase == Phase.Running && _holds == Hold.None && _waiting.First is null && !HasUnsent;

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
            ReapLocked(ref deferred);
            if (CanPlace && _tx.HasRoom)
            {
                Place(frame);
                Kick();
            }
            else if (_phase == Phase.Gone)
            {
                error = GoneError();
                deferred.Released.Enqueue(frame);
            }
            else
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
            ReapLocked(ref deferred);
            var placed = 0;
            if (CanPlace)
            {
                for (; placed < good.Length && _tx.HasRoom; placed++)
                    Place(good.Span[placed]);
                if (placed != 0)
                    Kick();
            }

            if (placed < good.Length)
            {
                if (_phase == Phase.Gone)
                {
                    error ??= GoneError();
                    foreach (var frame in good.Span[placed..])
                        deferred.Released.Enqueue(frame);
                }
                else
                {
                    request = _waiting.Enqueue(null, good[placed..], cancellationToken);
                    if (error is not null)
                        request.SetResult(NetworkResult.Failure(error));
                }
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
                deferred.Cancelled(request);
            }
        }

        deferred.Run(this);
    }

    void ISendRequestOwner.Return(SendRequest request)
    {
        lock (_gate)
            _waiting.Return(request);
    }

    private static void Pad(Frame frame)
    {
        // Shorter frames are no frames on the wire. What is filled up must not be what was in memory before.
        var length = frame.Length;
        if (length >= ShortestFrame)
            return;
        frame.Length = ShortestFrame;
        frame.Data[length..].Clear();
    }

    private NetworkError? FindFault(Frame frame)
    {
        if (frame.Length is >= HeaderSize and <= PlainMtu + HeaderSize
            && frame.Capacity >= ShortestFrame
            && frame.Offload.IsPlainToSend
            && frame.PhysicalAddress.Value <= uint.MaxValue - (ulong)frame.Capacity)
        {
            return null;
        }

        return new NetworkError(
            NetworkErrorKind.InvalidRequest, Name, $"a frame of {frame.Length} bytes at {frame.PhysicalAddress}: it takes {HeaderSize} to {PlainMtu + HeaderSize} below 4 GiB, without offloads");
    }

    private ValueTask<NetworkResult> Finish(SendRequest? request, NetworkError? error, ref Deferred deferred)
    {
        // The task first: what runs now may end the request.
        var task = request?.Task ?? new ValueTask<NetworkResult>(error is null ? NetworkResult.Success : NetworkResult.Failure(error));
        request?.Watch();
        deferred.Run(this);
        return task;
    }

    /// <summary>Under the lock.</summary>
    private void Place(Frame frame)
    {
        Pad(frame);
        _tx.Place(frame);
    }

    /// <summary>Makes the chip look at the ring, and the watch look at the chip. Under the lock.</summary>
    private void Kick()
    {
        _registers.Write(Csr.TransmitPollDemand, 1);
        KeepWatch(TulipTimeouts.WatchInterval);
    }

    /// <summary>Places what waits, as far as there is room. Under the lock.</summary>
    private void Admit(ref Deferred deferred)
    {
        if (_phase != Phase.Running)
            return;
        var placed = false;
        if (_filterVersion != _placedFilterVersion)
            placed |= TryPlaceSetup();
        while (_tx.HasRoom && _resend.TryDequeue(out var frame))
        {
            _tx.Place(frame);
            placed = true;
        }

        while (_holds == Hold.None && _waiting.First is { } request)
        {
            while (_tx.HasRoom && request.Current is { } frame)
            {
                Place(frame);
                request.Advance();
                placed = true;
            }

            if (request.Current is not null)
                break;
            _waiting.Dequeue();
            deferred.EndedAsSet(request);
        }

        if (placed)
            Kick();
    }

    /// <summary>Frames that are sent go back to those who want to send.</summary>
    private void Reap()
    {
        Deferred deferred = default;
        lock (_gate)
            ReapLocked(ref deferred);
        deferred.Run(this);
    }

    private void ReapLocked(ref Deferred deferred)
    {
        if (_phase is not (Phase.Running or Phase.Stopping) || !_tx.HasFinished)
            return;
        while (_tx.TryTake(out var kind, out var frame, out var status))
        {
            if (kind == TxRing.SlotKind.Setup)
                OnSetupDone(ref deferred);
            else if (frame is not null)
                Judge(frame, status, ref deferred);
        }

        if (_brokenOff.Count != 0 && _phase == Phase.Running)
            Recover("transmit underflow", ref deferred);
        else
            Admit(ref deferred);
    }

    private void Judge(Frame frame, uint status, ref Deferred deferred)
    {
        if ((status & TransmitDescriptor.ErrorSummary) == 0)
        {
            _counters.SentFrames++;
            _counters.SentBytes += frame.Length;
            _resetsInARow = 0;
        }
        else if ((status & TransmitDescriptor.Underflow) != 0 && !_storesAndForwards)
        {
            // The chip had to break the frame off: nobody got it whole, so it goes again, with more of it in the chip before it starts.
            _counters.Underflows++;
            _brokenOff.Enqueue(frame);
            return;
        }
        else
        {
            _counters.SendErrors++;
        }

        deferred.Released.Enqueue(frame);
    }
}
