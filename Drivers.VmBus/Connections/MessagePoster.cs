using GuestOS.Drivers.VmBus.Hypervisor;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;

namespace GuestOS.Drivers.VmBus.Connections;

/// <summary>
/// Messages to the host, in order. When the host has no buffers, they wait and are tried again, for a bounded time (rule H3).
/// Used on the pump only.
/// </summary>
internal sealed class MessagePoster
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(100);

    private readonly Hypercalls _hypercalls;
    private readonly TimeProvider _clock;
    private readonly Pump _pump;
    private readonly ConnectionTally _tally;
    private readonly TimeSpan _limit;
    private readonly Queue<Waiting> _queue = new();
    private Deadline? _retry;
    private TimeSpan _pause;
    private long _start;

    public MessagePoster(Hypercalls hypercalls, TimeProvider clock, Pump pump, ConnectionTally tally, TimeSpan limit)
    {
        _hypercalls = hypercalls;
        _clock = clock;
        _pump = pump;
        _tally = tally;
        _limit = limit;
    }

    /// <summary>Posts now, or after those that wait.</summary>
    /// <param name="connection">Where to.</param>
    /// <param name="message">At most 240 bytes.</param>
    /// <param name="onFailed">Called later, on the pump, when it was not posted.</param>
    public void Post(ConnectionId connection, ReadOnlySpan<byte> message, Action<CallStatus>? onFailed = null)
    {
        if (_queue.Count == 0)
        {
            var status = TryPost(connection, message);
            if (!IsBusy(status))
            {
                Report(status, onFailed);
                return;
            }

            _start = _clock.GetTimestamp();
            _pause = FirstPause;
            Schedule();
        }

        _queue.Enqueue(new Waiting(connection, message.ToArray(), onFailed));
    }

    /// <summary>Forgets what waits.</summary>
    public void Clear()
    {
        _queue.Clear();
        _retry?.Dispose();
    }

    private static bool IsBusy(CallStatus status) => status is
        CallStatus.InsufficientBuffers or CallStatus.InsufficientMemory or CallStatus.NoResources or CallStatus.TimeOut;

    private CallStatus TryPost(ConnectionId connection, ReadOnlySpan<byte> message)
    {
        var status = _hypercalls.PostMessage(connection, message);
        if (status == CallStatus.Success)
            _tally.MessagesPosted++;
        return status;
    }

    private void Report(CallStatus status, Action<CallStatus>? onFailed)
    {
        if (status != CallStatus.Success && onFailed is not null)
            _pump.Post(() => onFailed(status));
    }

    private void Schedule()
    {
        _retry?.Dispose();
        _retry = Deadline.Start(_clock, _pump, _pause, Retry);
    }

    private void Retry()
    {
        while (_queue.TryPeek(out var first))
        {
            _tally.PostRetries++;
            var status = TryPost(first.Connection, first.Message);
            if (IsBusy(status) && _clock.GetElapsedTime(_start) < _limit)
            {
                _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
                Schedule();
                return;
            }

            _queue.Dequeue();
            _start = _clock.GetTimestamp();
            _pause = FirstPause;
            Report(status, first.OnFailed);
        }
    }

    private sealed record Waiting(ConnectionId Connection, byte[] Message, Action<CallStatus>? OnFailed);
}
