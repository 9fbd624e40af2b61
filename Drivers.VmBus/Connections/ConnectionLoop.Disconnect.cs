using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Messages;

namespace GuestOS.Drivers.VmBus.Connections;

/// <summary>Unload and suspension: all channels closed, UNLOAD, answer; each step bounded.</summary>
internal sealed partial class ConnectionLoop
{
    public void Disconnect(DisconnectOperation operation)
    {
        switch (_phase)
        {
            case ConnectionPhase.Disconnected:
                operation.End(isAnswered: true);
                break;
            case ConnectionPhase.Suspended:
                if (!operation.IsSuspend)
                    FinishDisconnect(operation, isAnswered: true);
                else
                    operation.End(isAnswered: true);
                break;
            case ConnectionPhase.Negotiating negotiating:
                negotiating.Deadline.Dispose();
                negotiating.Operation.Promise.Fail(VmBusErrorKind.Disconnected, "the connection was unloaded while it was made");
                AskUnload(operation);
                break;
            case ConnectionPhase.ReceivingOffers receiving:
                receiving.Deadline.Dispose();
                receiving.Operation.Promise.Fail(VmBusErrorKind.Disconnected, "the connection was unloaded while it was made");
                CloseAll(operation);
                break;
            case ConnectionPhase.Connected:
                CloseAll(operation);
                break;
            case ConnectionPhase.ClosingChannels closing:
                closing.Operation.Join(operation);
                break;
            case ConnectionPhase.AwaitingUnload awaiting:
                awaiting.Operation.Join(operation);
                break;
        }
    }

    public void OnUnloadResponse()
    {
        if (_phase is not ConnectionPhase.AwaitingUnload awaiting)
        {
            OnLateAnswer("UNLOAD_RESPONSE");
            return;
        }

        awaiting.Deadline.Dispose();
        FinishDisconnect(awaiting.Operation, isAnswered: true);
    }

    private void CloseAll(DisconnectOperation operation)
    {
        Phase = new ConnectionPhase.ClosingChannels(operation, Within(_options.AnswerTimeout + TimeSpan.FromSeconds(1), () =>
        {
            _log.Warning("some channels are not closed in time; the connection is unloaded all the same");
            AskUnload(operation);
        }));
        foreach (var channel in _channels)
        {
            if (channel is { IsPrimary: true })
                BeginClose(channel, ChannelEnd.Disconnected);
        }

        // Subchannels whose primary was not open.
        foreach (var channel in _channels)
        {
            if (channel is not null)
                BeginClose(channel, ChannelEnd.Disconnected);
        }

        AskUnloadWhenClosed();
    }

    private void AskUnloadWhenClosed()
    {
        if (_phase is not ConnectionPhase.ClosingChannels closing)
            return;
        foreach (var channel in _channels)
        {
            if (channel is not null && IsClosing(channel))
                return;
        }

        closing.Deadline.Dispose();
        AskUnload(closing.Operation);
    }

    private void AskUnload(DisconnectOperation operation)
    {
        // Hosts before 3.0 may not know UNLOAD: they get less time.
        var time = Version >= VmBusVersion.V3_0 || _options.UnloadTimeout < _options.AnswerTimeout ? _options.UnloadTimeout : _options.AnswerTimeout;
        Phase = new ConnectionPhase.AwaitingUnload(operation, Within(time, () =>
        {
            _log.Warning("the host did not answer UNLOAD");
            FinishDisconnect(operation, isAnswered: false);
        }));
        var unload = new MessageHeader { Type = MessageType.Unload };
        Post(unload, status =>
        {
            if (_phase is not ConnectionPhase.AwaitingUnload awaiting || awaiting.Operation != operation)
                return;
            awaiting.Deadline.Dispose();
            _log.Warning($"UNLOAD could not be posted: {status}");
            FinishDisconnect(operation, isAnswered: false);
        });
    }

    private void FinishDisconnect(DisconnectOperation operation, bool isAnswered)
    {
        _poster.Clear();
        Phase = operation.IsSuspend ? new ConnectionPhase.Suspended() : new ConnectionPhase.Disconnected();
        if (isAnswered)
            FreeAllGpadls();
        else
            LeakAllGpadls();
        DropPages(isAnswered);
        Array.Clear(_isDeclined);
        // Those with an id, and those that wait since an earlier suspension.
        var channels = new List<VmBusChannel>(_byIdentity.Values);
        foreach (var channel in _channels)
        {
            if (channel is not null && !channels.Contains(channel))
                channels.Add(channel);
        }

        foreach (var channel in channels)
        {
            Unbind(channel, tellsHost: false);
            if (!operation.IsSuspend)
                Dismiss(channel);
            else if (channel.State is ChannelState.Closed)
                channel.State = new ChannelState.Suspended();
        }

        if (!operation.IsSuspend)
        {
            _deviceList.Clear();
            PublishDevices();
        }

        _asked = default;
        Version = default;
        Features = FeatureFlags.None;
        AllOffersDelivered = false;
        Volatile.Write(ref _highestRelId, 0);
        operation.End(isAnswered);
    }

    /// <summary>The bus is gone for good, and the channel with it; nobody needs to be told but those who look at its token.</summary>
    private void Dismiss(VmBusChannel channel)
    {
        if (!channel.IsRescinded)
        {
            MarkRescinded(channel);
            RescindChannel(channel);
        }

        channel.IsUnused = true;
        TryRelease(channel);
    }
}
