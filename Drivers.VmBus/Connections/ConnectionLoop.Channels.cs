using System.Runtime.InteropServices;
using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Messages;
using GuestOS.Drivers.VmBus.Protocol.Rings;

namespace GuestOS.Drivers.VmBus.Connections;

/// <summary>Opening and closing. Memory is given back to whoever had it before in one order only: host closed, rings torn down, users told.</summary>
internal sealed partial class ConnectionLoop
{
    private uint _nextOpen = 1;

    public void Open(VmBusChannel channel, OpenOperation operation)
    {
        if (operation.Promise.IsSet)
        {
            operation.Memory.Dispose();
            return;
        }

        if (channel.State is not ChannelState.Closed)
        {
            operation.Memory.Dispose();
            var kind = channel.IsRescinded ? VmBusErrorKind.Rescinded
                : channel.State is ChannelState.Suspended ? VmBusErrorKind.Disconnected
                : VmBusErrorKind.WrongState;
            operation.Promise.Fail(kind, $"{channel} cannot be opened while it is {channel.Status}");
            return;
        }

        GpadlEntry? ring = null;
        ring = CreateGpadl(
            channel,
            new FrameList(operation.Memory.PhysicalAddress.Value / RingControl.PageSize, operation.Memory.Length / RingControl.PageSize),
            failure => OnRingsShared(channel, operation, ring, failure));
        if (ring is not null && ring.State is GpadlState.Creating)
            channel.State = new ChannelState.SharingRings(operation, ring);
    }

    public void CancelOpen(VmBusChannel channel, OpenOperation operation) =>
        AbandonOpen(channel, operation, new VmBusException(VmBusErrorKind.Cancelled, $"opening {channel} was given up"), ChannelEnd.Closed);

    public void Close(VmBusChannel channel, Promise promise)
    {
        switch (channel.State)
        {
            case ChannelState.Closed or ChannelState.Suspended or ChannelState.Released:
                promise.Succeed();
                break;
            case ChannelState.Rescinded:
                promise.Succeed();
                LetGo(channel);
                break;
            default:
                channel.Closers.Add(promise);
                BeginClose(channel, ChannelEnd.Closed);
                break;
        }
    }

    public void OnOpenResult(ReadOnlySpan<byte> message)
    {
        var answer = MemoryMarshal.Read<OpenChannelResult>(message);
        if (Find(answer.RelId) is not { } channel)
        {
            OnUnknownId($"OPENCHANNEL_RESULT of channel {answer.RelId}");
            return;
        }

        if (channel.State is not ChannelState.Opening opening || opening.OpenId != answer.OpenId)
        {
            OnLateAnswer($"OPENCHANNEL_RESULT of {channel}");
            return;
        }

        opening.Deadline.Dispose();
        if (answer.Status == 0)
        {
            channel.State = new ChannelState.Open(opening.Ring);
            channel.Port!.Start();
            opening.Operation.Promise.Succeed();
            return;
        }

        opening.Operation.HostStatus = answer.Status;
        Quiet(channel, opening.Ring, ChannelEnd.Closed, tellsHost: false, opening.Operation);
    }

    /// <summary>The ring of an open channel broke, or its handler threw.</summary>
    public void OnBroken(VmBusChannel channel, ChannelPort port, string reason)
    {
        if (!ReferenceEquals(channel.Port, port) || channel.State is not ChannelState.Open)
            return;
        _log.Warning($"{channel} is broken: {reason}");
        _notifier.Post(() => _observer.OnBroken(channel.Device, reason));
    }

    private static bool IsClosing(VmBusChannel channel) => channel.Status is ChannelStatus.Open or ChannelStatus.Opening or ChannelStatus.Closing;

    private void OnRingsShared(VmBusChannel channel, OpenOperation operation, GpadlEntry? ring, VmBusException? failure)
    {
        if (failure is null)
        {
            PostOpen(channel, operation, ring!);
            return;
        }

        if (ring is null || ring.State is GpadlState.Gone)
            operation.Memory.Dispose();
        else
            ring.Reclaimed = operation.Memory.Dispose;
        if (ring is not null)
            Rest(channel);
        operation.Promise.Fail(failure.Kind, failure.Message);
    }

    private void PostOpen(VmBusChannel channel, OpenOperation operation, GpadlEntry ring)
    {
        var options = operation.Options;
        var signal = new HostSignal(channel.Offer, options.ToleratesLatency, _pages!, _hypercalls, Tally, channel.Tally);
        var openId = new OpenId(_nextOpen++);
        // The host may signal before its answer is read.
        channel.Port = new ChannelPort(channel, options, operation.Memory, signal, _platform);
        channel.Processor = options.Processor;
        channel.MoveIsOpen = false;
        channel.State = new ChannelState.Opening(operation, ring, openId, Within(_options.AnswerTimeout, () => AbandonOpen(
            channel, operation, new VmBusException(VmBusErrorKind.TimedOut, $"the host did not answer the opening of {channel}"), ChannelEnd.Closed)));
        var message = new OpenChannel
        {
            Header = new MessageHeader { Type = MessageType.OpenChannel },
            RelId = channel.RelId,
            OpenId = openId,
            RingGpadl = ring.Id,
            TargetVp = _processors.Of(options.Processor),
            DownstreamPage = (uint)(options.SendRingSize / RingControl.PageSize),
        };
        options.UserData.Span.CopyTo(message.UserData);
        Post(message, status => AbandonOpen(
            channel, operation, new VmBusException(VmBusErrorKind.Disconnected, $"the opening of {channel} could not be posted: {status}"), ChannelEnd.Closed));
    }

    /// <summary>Ends an opening that is under way; what the host has, or may have, is taken back in the background.</summary>
    private void AbandonOpen(VmBusChannel channel, OpenOperation operation, VmBusException failure, ChannelEnd reason)
    {
        if (channel.State is ChannelState.SharingRings sharing && sharing.Operation == operation)
        {
            AbandonGpadl(sharing.Ring, failure);
        }
        else if (channel.State is ChannelState.Opening opening && opening.Operation == operation)
        {
            opening.Deadline.Dispose();
            Quiet(channel, opening.Ring, reason, tellsHost: true, null);
        }

        operation.Promise.Fail(failure.Kind, failure.Message);
    }

    private void BeginClose(VmBusChannel channel, ChannelEnd reason)
    {
        switch (channel.State)
        {
            case ChannelState.SharingRings sharing:
                AbandonOpen(channel, sharing.Operation, ClosedMeanwhile(channel), reason);
                break;
            case ChannelState.Opening opening:
                AbandonOpen(channel, opening.Operation, ClosedMeanwhile(channel), reason);
                break;
            case ChannelState.Open open:
                foreach (var subchannel in channel.SubchannelArray)
                    BeginClose(subchannel, reason);
                channel.State = new ChannelState.ClosingSubchannels(open.Ring, reason);
                QuietAfterSubchannels(channel);
                break;
        }
    }

    private static VmBusException ClosedMeanwhile(VmBusChannel channel) => new(VmBusErrorKind.Cancelled, $"{channel} was closed while it was opened");

    /// <summary>A primary channel goes after its subchannels.</summary>
    private void QuietAfterSubchannels(VmBusChannel channel)
    {
        if (channel.State is ChannelState.ClosingSubchannels closing && !Array.Exists(channel.SubchannelArray, IsClosing))
            Quiet(channel, closing.Ring, closing.Reason, tellsHost: true, null);
    }

    private void Quiet(VmBusChannel channel, GpadlEntry ring, ChannelEnd reason, bool tellsHost, OpenOperation? refusal)
    {
        var port = channel.Port!;
        FailMoves(channel, VmBusErrorKind.WrongState);
        channel.State = new ChannelState.Quieting(ring, reason, tellsHost, refusal);
        port.Stop(() => Pump.Post(() => OnQuiet(channel, port)));
    }

    private void OnQuiet(VmBusChannel channel, ChannelPort port)
    {
        if (channel.State is not ChannelState.Quieting quieting)
            return;
        if (quieting.TellsHost && channel.IsOffered && _phase is not (ConnectionPhase.AwaitingUnload or ConnectionPhase.Disconnected))
            Post(MessageType.CloseChannel, channel.RelId);
        channel.State = new ChannelState.TearingDown(quieting.Reason, quieting.Refusal);
        var ring = quieting.Ring;
        if (ring.State is GpadlState.Live)
        {
            ring.Ended = end => OnRingsBack(channel, port, ring, end);
            TearDown(ring);
        }
        else
        {
            OnRingsBack(channel, port, ring, ring.State is GpadlState.Gone ? GpadlEnd.Free : GpadlEnd.Leaked);
        }
    }

    private void OnRingsBack(VmBusChannel channel, ChannelPort port, GpadlEntry ring, GpadlEnd end)
    {
        if (channel.State is not ChannelState.TearingDown tearing)
            return;
        channel.State = new ChannelState.Ending(tearing.Refusal);
        if (end == GpadlEnd.Leaked)
            ring.Reclaimed = port.FreeMemory;
        var reason = channel.IsRescinded ? ChannelEnd.Rescinded : tearing.Reason;
        var status = end == GpadlEnd.Leaked ? RequestStatus.Lost
            : channel.IsRescinded ? RequestStatus.Rescinded
            : RequestStatus.Closed;
        port.End(reason, status, () => Pump.Post(() =>
        {
            if (end == GpadlEnd.Free)
                port.FreeMemory();
            OnEnded(channel);
        }));
    }

    private void OnEnded(VmBusChannel channel)
    {
        if (channel.State is not ChannelState.Ending ending)
            return;
        channel.Port = null;
        var wasClosedByUser = channel.Closers.Count > 0;
        Rest(channel);
        ending.Refusal?.Promise.Fail(VmBusErrorKind.Refused, $"the host refused to open {channel}: {ending.Refusal.HostStatus:x}");
        if (wasClosedByUser)
            LetGo(channel);
    }

    /// <summary>It is closed, as far as it can be, and nothing is under way.</summary>
    private void Rest(VmBusChannel channel)
    {
        channel.State = channel.IsRescinded ? new ChannelState.Rescinded()
            : channel.IsOffered ? new ChannelState.Closed()
            : new ChannelState.Suspended();
        channel.MoveIsOpen = false;
        foreach (var closer in channel.Closers)
            closer.Succeed();
        channel.Closers.Clear();
        if (!channel.IsPrimary)
            QuietAfterSubchannels(channel.Primary);
        TryRelease(channel);
        AskUnloadWhenClosed();
    }

    /// <summary>The user of a rescinded channel has closed it. A primary's users are known by the observer only.</summary>
    private void LetGo(VmBusChannel channel)
    {
        if (!channel.IsRescinded || channel.IsPrimary)
            return;
        channel.IsUnused = true;
        TryRelease(channel);
    }

    /// <summary>A rescind, in whatever state the channel is.</summary>
    private void RescindChannel(VmBusChannel channel)
    {
        switch (channel.State)
        {
            case ChannelState.Closed or ChannelState.Suspended:
                // Of a subchannel that is not open nobody holds more than the object.
                channel.IsUnused = !channel.IsPrimary;
                channel.State = new ChannelState.Rescinded();
                break;
            case ChannelState.SharingRings:
                channel.IsUnused = !channel.IsPrimary;
                break;
            case ChannelState.Opening opening:
                opening.Deadline.Dispose();
                channel.IsUnused = !channel.IsPrimary;
                opening.Operation.Promise.Fail(VmBusErrorKind.Rescinded, $"{channel} was taken back by the host while it was opened");
                Quiet(channel, opening.Ring, ChannelEnd.Rescinded, tellsHost: false, null);
                break;
            case ChannelState.Open open:
                Quiet(channel, open.Ring, ChannelEnd.Rescinded, tellsHost: true, null);
                break;
            case ChannelState.ClosingSubchannels closing:
                Quiet(channel, closing.Ring, ChannelEnd.Rescinded, tellsHost: true, null);
                break;
        }
    }
}
