using System.Buffers.Binary;

namespace GuestOS.Bench.Peer;

/// <summary>The numbered frames of one start frame (boot/EVENTS.md, "The link test"), all of one size, in both directions.</summary>
/// <param name="socket">The interface's socket.</param>
/// <param name="start">The start frame.</param>
internal sealed class LinkBurst(int socket, byte[] start)
{
    private readonly uint _sendCount = BinaryPrimitives.ReadUInt32BigEndian(start.AsSpan(26));
    private readonly uint _receiveCount = BinaryPrimitives.ReadUInt32BigEndian(start.AsSpan(38));
    private readonly ushort _window = BinaryPrimitives.ReadUInt16BigEndian(start.AsSpan(42));
    private readonly ushort _size = BinaryPrimitives.ReadUInt16BigEndian(start.AsSpan(44));
    private readonly object _moreCredit = new();
    private readonly FrameBatch _answers = new();
    private Thread? _sender;
    private IOException? _failure;
    private uint _credit;
    private uint _sent;
    private uint _next;
    private uint _credited;

    public uint Right { get; private set; }

    public uint Wrong { get; private set; }

    public uint Missing { get; private set; }

    public uint Doubled { get; private set; }

    public uint Sent => _sent;

    /// <summary>Sends from now on.</summary>
    public void Begin()
    {
        _credit = _window == 0 ? _sendCount : Math.Min(_window, _sendCount);
        _sender = new Thread(SendAll);
        _sender.Start();
    }

    /// <summary>The other end has taken so many.</summary>
    public void Credit(uint upTo)
    {
        var credit = Math.Min(upTo + _window, _sendCount);
        lock (_moreCredit)
        {
            if (upTo > _sendCount || credit <= _credit)
                return;
            _credit = credit;
            Monitor.Pulse(_moreCredit);
        }
    }

    /// <summary>Looks at a numbered frame.</summary>
    public void Take(ReadOnlySpan<byte> frame)
    {
        var number = BinaryPrimitives.ReadUInt32BigEndian(frame[18..]);
        if (number < _next)
        {
            Doubled++;
        }
        else if (number >= _receiveCount)
        {
            Wrong++;
        }
        else
        {
            Missing += number - _next;
            _next = number + 1;
            if (frame.Length == _size)
                Right++;
            else
                Wrong++;
        }
    }

    /// <summary>Tells the other end what has come, when it is time.</summary>
    public void GiveCredit()
    {
        if (_window == 0 || _next == _credited || (_next - _credited < Math.Max(1, _window / 4) && _next < _receiveCount))
            return;
        _credited = _next;
        var frame = LinkStation.Answer(_answers, start, LinkStation.CreditKind);
        BinaryPrimitives.WriteUInt32BigEndian(frame[18..], _next);
        _answers.Send(socket, 1);
    }

    /// <summary>Waits until everything is sent.</summary>
    /// <exception cref="IOException">It could not be.</exception>
    public void Finish()
    {
        _sender?.Join();
        if (_failure is not null)
            throw _failure;
        Missing += _receiveCount - Math.Min(_next, _receiveCount);
        _next = Math.Max(_next, _receiveCount);
    }

    private void SendAll()
    {
        var batch = new FrameBatch();
        for (var i = 0; i < FrameBatch.Size; i++)
        {
            LinkStation.WriteHeader(batch.ToSend(i, FrameBatch.Capacity), start, LinkStation.BurstKind);
            batch.ToSend(i, _size);
        }

        try
        {
            while (_sent < _sendCount)
            {
                var count = (int)Math.Min(WaitForCredit() - _sent, FrameBatch.Size);
                for (var i = 0; i < count; i++)
                    BinaryPrimitives.WriteUInt32BigEndian(batch.ToSend(i, _size)[18..], _sent + (uint)i);
                batch.Send(socket, count);
                _sent += (uint)count;
            }
        }
        catch (IOException e)
        {
            _failure = e;
        }
    }

    private uint WaitForCredit()
    {
        lock (_moreCredit)
        {
            while (_credit == _sent)
                Monitor.Wait(_moreCredit);
            return _credit;
        }
    }
}
