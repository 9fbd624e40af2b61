using System.Runtime.InteropServices;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Messages;

namespace GuestOS.Sandbox.VmBus;

/// <content>Messages to the guest.</content>
public sealed partial class VmBusHost
{
    private static readonly TimeSpan Lateness = TimeSpan.FromMilliseconds(100);

    private readonly Queue<(byte[] Message, VpIndex Vp, Sint Sint)> _outbox = new();
    private readonly HashSet<ITimer> _later = [];
    private readonly ITimer _retry;

    /// <summary>Posts any bytes to the guest as a channel message, where its messages go.</summary>
    /// <exception cref="ArgumentException">More than 240 bytes.</exception>
    public void PostRaw(ReadOnlySpan<byte> message)
    {
        if (message.Length > MessageHeader.LargestMessage)
            throw new ArgumentException($"A message of {message.Length} bytes.", nameof(message));
        var bytes = message.ToArray();
        Post(() =>
        {
            _outbox.Enqueue((bytes, _connection?.TargetVp ?? default, _connection?.TargetSint ?? Sint.VmBus));
            Flush();
        });
    }

    private void Send<T>(in T message)
        where T : unmanaged => Send(message, _connection!.TargetVp, _connection.TargetSint);

    private void Send<T>(in T message, VpIndex vp, Sint sint)
        where T : unmanaged => SendBytes(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in message)), vp, sint);

    private void SendBytes(ReadOnlySpan<byte> message, VpIndex vp, Sint sint)
    {
        var bytes = message.ToArray();
        if (Options.RoundsMessagesUp)
            Array.Resize(ref bytes, (bytes.Length + 7) / 8 * 8);
        var type = (MessageType)MemoryMarshal.Read<uint>(bytes);
        if (Faults.Next(type) is { } fault)
        {
            Trace.Add(TraceKind.Fault, RelIdOf(type, bytes), $"{type}: {fault}", bytes);
            SendSpoilt(fault, (Faults.Spoil(fault, type, bytes), vp, sint));
        }
        else
        {
            _outbox.Enqueue((bytes, vp, sint));
        }

        Flush();
        CountStep(null, isOnWorker: false);
    }

    private void SendSpoilt(MessageFaultKind fault, (byte[] Message, VpIndex Vp, Sint Sint) message)
    {
        if (fault == MessageFaultKind.Late)
        {
            Later(Lateness, () =>
            {
                _outbox.Enqueue(message);
                Flush();
            });
            return;
        }

        if (fault == MessageFaultKind.Never)
            return;
        _outbox.Enqueue(message);
        if (fault == MessageFaultKind.Twice)
            _outbox.Enqueue(message);
    }

    /// <summary>Posts what waits, as far as the guest's queue takes it.</summary>
    private void Flush()
    {
        while (_connection is not { IsPaused: true } && _outbox.TryPeek(out var next))
        {
            if (!Transport.TryPost(next.Vp, next.Sint, next.Message))
            {
                _retry.Change(Options.PostRetry, Timeout.InfiniteTimeSpan);
                return;
            }

            _outbox.Dequeue();
            var type = next.Message.Length >= 4 ? (MessageType)MemoryMarshal.Read<uint>(next.Message) : MessageType.Invalid;
            Trace.Add(TraceKind.MessageToGuest, RelIdOf(type, next.Message), $"{type} to VP {next.Vp.Value} SINT {next.Sint.Value}", next.Message);
        }
    }

    /// <summary>Runs on the host's worker after a time.</summary>
    private void Later(TimeSpan time, Action action)
    {
        ITimer? timer = null;
        timer = Transport.Clock.CreateTimer(
            _ => Post(() =>
            {
                lock (_later)
                    _later.Remove(timer!);
                timer!.Dispose();
                action();
            }),
            null,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
        lock (_later)
            _later.Add(timer);
        timer.Change(time, Timeout.InfiniteTimeSpan);
    }
}
