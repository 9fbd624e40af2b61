using System.Buffers.Binary;
using System.Diagnostics;

namespace GuestOS.Boot.Smoke.Link;

/// <summary>
/// Numbered frames in both directions at the same time: this end sends its own, and checks the number, the size and every byte of the guest's.
/// Neither end has more frames on its way than the window allows, so that no ring overflows: frames wait, they are not lost.
/// </summary>
internal sealed class LinkBurst
{
    private const int BatchSize = 16;
    private readonly LinkPeer _peer;
    private readonly LinkBurstPlan _plan;
    private readonly ulong _guestSeed;
    private readonly ulong _ownSeed;
    private readonly TaskCompletionSource _received = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly byte[] _expected = new byte[LinkProtocol.Longest];
    private TaskCompletionSource _progress = NewSignal();
    private uint _credit;
    private uint _taken;
    private uint _next;
    private uint _credited;

    /// <param name="peer">This end of the cable.</param>
    /// <param name="plan">How many frames of which size.</param>
    /// <param name="seed">Decides everything else.</param>
    public LinkBurst(LinkPeer peer, LinkBurstPlan plan, ulong seed)
    {
        _peer = peer;
        _plan = plan;
        _guestSeed = seed;
        _ownSeed = seed + 1;
        _credit = plan.Window;
        if (plan.FromGuest == 0)
            _received.SetResult();
    }

    /// <summary>What was wrong first; null when nothing was.</summary>
    public string? Fault { get; private set; }

    /// <summary>Frames of the guest that were right.</summary>
    public uint Received => _next;

    /// <summary>From the guest's readiness until both programs had taken every frame.</summary>
    public TimeSpan Time { get; private set; }

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
                BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(26), _plan.FromGuest);
                BinaryPrimitives.WriteUInt64BigEndian(frame.AsSpan(30), _ownSeed);
                BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(38), _plan.ToGuest);
                BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(42), _plan.Window);
                BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(44), _plan.Size);
            },
            cancellationToken).ConfigureAwait(false);
        var watch = Stopwatch.StartNew();
        var sending = SendAllAsync(cancellationToken);
        await Task.WhenAll(sending, _received.Task.WaitAsync(cancellationToken)).ConfigureAwait(false);
        Time = watch.Elapsed;
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
            var room = Math.Min(Volatile.Read(ref _credit), _plan.ToGuest) - sent;
            if (room == 0)
            {
                if (_credited == _plan.FromGuest && Volatile.Read(ref _taken) == _plan.ToGuest)
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
        var size = _plan.Size != 0 ? _plan.Size : LinkProtocol.SizeOf(_ownSeed, number);
        BinaryPrimitives.WriteInt32BigEndian(buffer, size);
        var frame = buffer.Slice(4, size);
        LinkProtocol.WriteHeader(frame, _peer.Guest, _peer.Address, LinkKind.Burst, 0);
        BinaryPrimitives.WriteUInt32BigEndian(frame[LinkProtocol.BodyPlace..], number);
        if (_plan.Size == 0)
            LinkProtocol.Fill(frame[LinkProtocol.ContentPlace..], _ownSeed, number);
        return 4 + size;
    }

    private bool NeedsCredit(out uint upTo)
    {
        upTo = Volatile.Read(ref _next);
        return upTo != _credited && (upTo - _credited >= _plan.Window / 4 || upTo == _plan.FromGuest);
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
            if (number > _taken && number <= _plan.ToGuest)
            {
                Volatile.Write(ref _taken, number);
                Volatile.Write(ref _credit, number + _plan.Window);
            }
        }
        else if (Fault is null)
        {
            Fault = Check(frame, number);
            if (Fault is null)
                Volatile.Write(ref _next, number + 1);
            if (Fault is not null || _next == _plan.FromGuest)
                _received.TrySetResult();
        }

        Interlocked.Exchange(ref _progress, NewSignal()).SetResult();
    }

    private string? Check(ReadOnlySpan<byte> frame, uint number)
    {
        if (number != _next)
            return $"frame {number} came when {_next} was due: {(number < _next ? "doubled" : $"{number - _next} missing")}";
        var size = _plan.Size != 0 ? _plan.Size : LinkProtocol.SizeOf(_guestSeed, number);
        if (frame.Length != size)
            return $"frame {number} has {frame.Length} bytes, not {size}";
        if (_plan.Size != 0)
            return null;
        var expected = _expected.AsSpan(0, size - LinkProtocol.ContentPlace);
        LinkProtocol.Fill(expected, _guestSeed, number);
        var difference = Pattern.FirstDifference(expected, frame[LinkProtocol.ContentPlace..]);
        return difference < 0 ? null : $"frame {number} of {size} bytes differs at byte {difference + LinkProtocol.ContentPlace}";
    }
}
