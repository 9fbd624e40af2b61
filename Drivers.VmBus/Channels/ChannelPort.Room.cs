using GuestOS.Machine.Queues;

namespace GuestOS.Drivers.VmBus.Channels;

/// <summary>Waiting for room in the ring, or for a slot.</summary>
internal sealed partial class ChannelPort
{
    private LinkedQueue<SendWaiter> _waiting;
    private LinkedPool<SendWaiter> _pool = new(int.MaxValue);

    /// <summary>Length of the packet that found the ring full, for <see cref="ChannelHandler.OnRoom"/>; 0 when none did.</summary>
    private int _roomWanted;

    private bool _slotIsWanted;

    /// <summary>The sender has given up.</summary>
    public void Cancel(SendWaiter waiter)
    {
        lock (_gate)
        {
            if (!_waiting.Remove(waiter))
                return;
        }

        waiter.End(default, isCancelled: true);
        Schedule();
    }

    public void Return(SendWaiter waiter)
    {
        lock (_gate)
            _pool.Return(waiter);
    }

    private SendWaiter Enqueue(ReadOnlyMemory<byte> payload, ChannelRequest? request, CancellationToken cancellationToken)
    {
        var waiter = _pool.Rent() ?? new SendWaiter(this, _executor);
        waiter.Fill(payload, request, cancellationToken);
        _waiting.Enqueue(waiter);
        // The host may have made room meanwhile, in which case no signal comes.
        if (ReferenceEquals(_waiting.First, waiter) && _writer.AwaitSpace(waiter.PacketLength))
            Schedule();
        return waiter;
    }

    private void WantRoom(int length)
    {
        _roomWanted = Math.Max(_roomWanted, length);
        if (_waiting.IsEmpty && _writer.AwaitSpace(_roomWanted))
            Schedule();
    }

    /// <summary>After the host has read, or completed: serves those who wait, in order, then tells the handler. In the port's turn.</summary>
    private void ServeRoom()
    {
        var signals = false;
        var tells = false;
        lock (_gate)
        {
            while (_canSend && _waiting.First is { } waiter)
            {
                var result = Place(new Outgoing { Request = waiter.Request, Head = waiter.Payload.Span }, out var marks);
                signals |= marks;
                if (result == SendResult.NoSlot)
                    break;
                if (result == SendResult.RingFull)
                {
                    if (_writer.AwaitSpace(waiter.PacketLength))
                        continue;
                    break;
                }

                _waiting.Dequeue();
                waiter.End(result);
            }

            if (_canSend && _waiting.IsEmpty)
            {
                var hasRoom = _roomWanted > 0 && (_writer.HasSpace(_roomWanted) || _writer.AwaitSpace(_roomWanted));
                var hasSlot = _slotIsWanted && _requests.HasFree;
                tells = hasRoom || hasSlot;
                if (hasRoom)
                {
                    _roomWanted = 0;
                    _writer.CancelPending();
                }

                if (hasSlot)
                    _slotIsWanted = false;
            }
        }

        if (signals)
            _signal.Send();
        if (tells)
            _handler.OnRoom(_channel);
    }

    private void EndWaiters()
    {
        while (true)
        {
            SendWaiter? waiter;
            lock (_gate)
                waiter = _waiting.Dequeue();
            if (waiter is null)
                return;
            waiter.End(SendResult.Closed);
        }
    }
}
