using System.Buffers.Binary;

namespace GuestOS.Boot.Smoke.Link;

/// <summary>
/// Numbered frames in both directions at the same time: this end sends its own, and checks the number, the size and every byte of the guest's.
/// Neither end has more frames on its way than the window allows, so that no ring overflows: frames wait, they are not lost.
/// </summary>
internal sealed class LinkBurst
{
    /// <summary>Half of the guest's receive ring.</summary>
    public const int Window = 64;

    private const int BatchSize = 16;
    private readonly LinkPeer _peer;
    private readonly uint _count;
    private readonly ulong _guestSeed;
    private readonly ulong _ownSeed;
    private readonly TaskCompletionSource _received = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly byte[] _expected = new byte[LinkProtocol.Longest];
    private TaskCompletionSource _progress = NewSignal();
    private uint _credit = Window;
    private uint _next;
    private uint _credited;

    /// <param name="peer">This end of the cable.</param>
    /// <param name="count">Frames in each direction.</param>
    /// <param name="seed">Decides everything.</param>
    public LinkBurst(LinkPeer peer, uint count, ulong seed)
    {
        _peer = peer;
        _count = count;
        _guestSeed = seed;
        _ownSeed = seed + 1;
    }

    /// <summary>What was wrong first; null when nothing was.</summary>
    public string? Fault { get; private set; }

    /// <summary>Frames of the guest that were right.</summary>
    public uint Received => _next;

    /// <summary>Runs the burst.</summary>
    /// <returns>The guest's report.</returns>
    public async Task<byte[]> RunAsync(CancellationToken cancellationToken)
    {
        _peer.OnBurst = Take;
        await _peer.AskAsync(
            LinkKind.Start,
            LinkProtocol.Shortest,
            frame =>
            {
                BinaryPrimitives.WriteUInt64BigEndian(frame.AsSpan(18), _guestSeed);
                BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(26), _count);
                BinaryPrimitives.WriteUInt64BigEndian(frame.AsSpan(30), _ownSeed);
                BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(38), _count);
                BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(42), Window);
            },
            cancellationToken).ConfigureAwait(false);
        var sending = SendAllAsync(cancellationToken);
        await Task.WhenAll(sending, _received.Task.WaitAsync(cancellationToken)).ConfigureAwait(false);
        var report = await _peer.AskAsync(LinkKind.Report, LinkProtocol.Shortest, null, cancellationToken).ConfigureAwait(false);
        _peer.OnBurst = null;
        return report;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task SendAllAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[BatchSize * (4 + LinkProtocol.Longest)];
        for (uint sent = 0; Fault is null;)
        {
            // The signal before the numbers that it tells of, so that none is missed.
            var progress = Volatile.Read(ref _progress);
            if (NeedsCredit(out var upTo))
                await SendCreditAsync(upTo, cancellationToken).ConfigureAwait(false);
            var room = Math.Min(Volatile.Read(ref _credit), _count) - sent;
            if (room == 0)
            {
                if (sent == _count && _credited == _count)
                    return;
                await progress.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
                continue;
            }

            var filled = 0;
            for (var i = 0; i < BatchSize && room != 0; i++, room--, sent++)
                filled += Write(buffer.AsSpan(filled), sent);
            await _peer.SendRawAsync(buffer.AsMemory(0, filled), cancellationToken).ConfigureAwait(false);
        }
    }

    private int Write(Span<byte> buffer, uint number)
    {
        var size = LinkProtocol.SizeOf(_ownSeed, number);
        BinaryPrimitives.WriteInt32BigEndian(buffer, size);
        var frame = buffer.Slice(4, size);
        LinkProtocol.WriteHeader(frame, _peer.Guest, _peer.Address, LinkKind.Burst, 0);
        BinaryPrimitives.WriteUInt32BigEndian(frame[LinkProtocol.BodyPlace..], number);
        LinkProtocol.Fill(frame[LinkProtocol.ContentPlace..], _ownSeed, number);
        return 4 + size;
    }

    private bool NeedsCredit(out uint upTo)
    {
        upTo = Volatile.Read(ref _next);
        return upTo != _credited && (upTo - _credited >= Window / 4 || upTo == _count);
    }

    private async Task SendCreditAsync(uint upTo, CancellationToken cancellationToken)
    {
        _credited = upTo;
        var frame = new byte[LinkProtocol.Shortest];
        LinkProtocol.WriteHeader(frame, _peer.Guest, _peer.Address, LinkKind.Credit, 0);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(LinkProtocol.BodyPlace), upTo);
        await _peer.SendAsync(frame, cancellationToken).ConfigureAwait(false);
    }

    private void Take(ReadOnlyMemory<byte> memory)
    {
        var frame = memory.Span;
        var number = LinkProtocol.Read32(frame, LinkProtocol.BodyPlace);
        if (LinkProtocol.KindOf(frame) == LinkKind.Credit)
        {
            if (number <= _count && number + Window > _credit)
                Volatile.Write(ref _credit, number + Window);
        }
        else if (Fault is null)
        {
            Fault = Check(frame, number);
            if (Fault is null)
                Volatile.Write(ref _next, number + 1);
            if (Fault is not null || _next == _count)
                _received.TrySetResult();
        }

        Interlocked.Exchange(ref _progress, NewSignal()).SetResult();
    }

    private string? Check(ReadOnlySpan<byte> frame, uint number)
    {
        if (number != _next)
            return $"frame {number} came when {_next} was due: {(number < _next ? "doubled" : $"{number - _next} missing")}";
        var size = LinkProtocol.SizeOf(_guestSeed, number);
        if (frame.Length != size)
            return $"frame {number} has {frame.Length} bytes, not {size}";
        var expected = _expected.AsSpan(0, size - LinkProtocol.ContentPlace);
        LinkProtocol.Fill(expected, _guestSeed, number);
        var difference = Pattern.FirstDifference(expected, frame[LinkProtocol.ContentPlace..]);
        return difference < 0 ? null : $"frame {number} of {size} bytes differs at byte {difference + LinkProtocol.ContentPlace}";
    }
}
