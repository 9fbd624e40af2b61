using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Sandbox.Memory;

namespace GuestOS.Sandbox.VmBus;

/// <content>Saving a connection and going on with it in another host, as when a virtual machine is saved, moved or its host restarted.</content>
public sealed partial class VmBusHost
{
    /// <summary>
    /// Takes the guest's connection out of this host; the guest is told nothing and finds everything as it was once another host has
    /// restored it. Null when the guest is not connected. No other thread may work on the host meanwhile.
    /// </summary>
    public SavedConnection? Save()
    {
        if (_connection is not { } connection)
            return null;
        var saved = new SavedConnection
        {
            Version = connection.Version,
            Features = connection.Features,
            TargetVp = connection.TargetVp,
            TargetSint = connection.TargetSint,
            ClientId = connection.ClientId,
            InterruptPage = connection.InterruptPageAddress,
            MonitorPages = connection.MonitorAddresses,
            AreOffersRequested = connection.AreOffersRequested,
            IsPaused = connection.IsPaused,
            Channels = [.. connection.Channels.Values.OrderBy(static channel => channel.Offer.SubchannelIndex).Select(SaveChannel)],
            Gpadls = [.. connection.Gpadls.Values.Select(static gpadl => new SavedGpadl(gpadl.Id, gpadl.RelId, gpadl.Offset, gpadl.Length, gpadl.Frames))],
            Messages = [.. _outbox],
        };
        Disconnect(CloseReason.Saved, withReserved: true);
        return saved;
    }

    /// <summary>
    /// Goes on with a connection that another host saved. Devices must have been offered before: a channel whose device is not here is
    /// rescinded, a device that the guest does not know is offered to it.
    /// </summary>
    /// <exception cref="InvalidOperationException">The guest is connected already, or its memory is not as it was.</exception>
    public void Restore(SavedConnection saved)
    {
        ArgumentNullException.ThrowIfNull(saved);
        if (_connection is not null)
            throw new InvalidOperationException("The guest is connected.");
        if (!TryShareMonitors(saved.MonitorPages, out var monitors))
            throw new InvalidOperationException("The monitor pages are not there any more.");
        var connection = new HostConnection
        {
            Version = saved.Version,
            Features = saved.Features,
            TargetVp = saved.TargetVp,
            TargetSint = saved.TargetSint,
            ClientId = saved.ClientId,
            InterruptPageAddress = saved.InterruptPage,
            Interrupts = TryShareInterrupts(saved.InterruptPage),
            MonitorAddresses = saved.MonitorPages,
            Monitors = monitors,
            AreOffersRequested = saved.AreOffersRequested,
        };
        foreach (var gpadl in saved.Gpadls)
        {
            var pages = SharedPages.TryOpen(Transport.Memory, [.. gpadl.Frames])
                ?? throw new InvalidOperationException($"GPADL {gpadl.Id} is not memory any more.");
            connection.Gpadls[gpadl.Id.Value] = new HostGpadl(
                gpadl.Id, gpadl.RelId, pages, [.. gpadl.Frames], gpadl.Offset, gpadl.Length, what => GuestError(gpadl.RelId.Value, what));
        }

        _connection = connection;
        OpenPorts(connection);
        foreach (var message in saved.Messages)
            _outbox.Enqueue(message);
        var lost = new List<HostChannel>();
        foreach (var channel in saved.Channels)
            RestoreChannel(connection, channel, lost);
        connection.IsPaused = saved.IsPaused;
        foreach (var channel in lost)
            RescindNow(channel);
        foreach (var channel in Channels)
            Announce(channel);
        Flush();
    }

    private static SavedChannel SaveChannel(HostChannel channel)
    {
        SavedOpen? open = null;
        if (channel.Session is { } session)
        {
            var parameters = session.Parameters;
            open = new SavedOpen(
                parameters.Ring.Id,
                parameters.DownstreamPage,
                session.TargetVp,
                parameters.TargetSint,
                parameters.EventFlag,
                parameters.OpenId,
                parameters.UserData,
                channel.IsReserved);
        }

        var offer = channel.Offer;
        return new SavedChannel(
            offer.ClassId, offer.InstanceId, offer.SubchannelIndex, channel.RelId, channel.Connection, channel.MonitorId, channel.IsDedicated, channel.State, open);
    }

    private void RestoreChannel(HostConnection connection, SavedChannel saved, List<HostChannel> lost)
    {
        var channel = Channels.FirstOrDefault(other => other.Offer.ClassId == saved.ClassId && other.Offer.InstanceId == saved.InstanceId
            && other.Offer.SubchannelIndex == saved.SubchannelIndex && other.State == HostChannelState.Waiting);
        var primary = saved.SubchannelIndex == 0 ? null : connection.Channels.Values.FirstOrDefault(other =>
            other.Offer.ClassId == saved.ClassId && other.Offer.InstanceId == saved.InstanceId && other.Offer.SubchannelIndex == 0);
        if (saved.State == HostChannelState.Rescinded || (channel is null && primary is not { Session: not null }))
        {
            channel = new HostChannel(new ChannelOffer { ClassId = saved.ClassId, InstanceId = saved.InstanceId, SubchannelIndex = saved.SubchannelIndex }, AbsentDevice.Instance, primary: null);
            if (saved.State != HostChannelState.Rescinded)
                lost.Add(channel);
        }
        else if (channel is null)
        {
            channel = new HostChannel(primary!.Offer with { SubchannelIndex = saved.SubchannelIndex }, primary.Provider, primary);
            lock (_channels)
                _channels.Add(channel);
        }

        channel.RelId = saved.RelId;
        channel.Connection = saved.Connection;
        channel.MonitorId = saved.MonitorId;
        channel.IsDedicated = saved.IsDedicated;
        channel.State = saved.State == HostChannelState.Rescinded ? HostChannelState.Rescinded : HostChannelState.Offered;
        connection.Channels.Add(saved.RelId.Value, channel);
        if (channel.State != HostChannelState.Offered || lost.Contains(channel))
            return;
        OpenEventPort(channel);
        if (saved.Open is not { } open)
            return;
        var status = TryOpen(channel, new SessionParameters
        {
            Version = connection.Version,
            Ring = FindGpadl(channel, open.Ring)!,
            DownstreamPage = open.DownstreamPage,
            TargetVp = open.TargetVp,
            TargetSint = open.TargetSint,
            EventFlag = open.EventFlag,
            OpenId = open.OpenId,
            UserData = open.UserData,
            IsRestored = true,
        });
        if (status != 0)
            lost.Add(channel);
        channel.IsReserved = status == 0 && open.IsReserved;
    }

    private void OpenPorts(HostConnection connection)
    {
        if (connection.Version >= VmBusVersion.V5_0)
            Transport.OpenMessagePort(Options.MessageConnection, payload => Take(Options.MessageConnection, payload));
        if (connection.Version < VmBusVersion.V1_1)
            Transport.OpenEventPort(ConnectionId.Event, _ => Post(ScanInterruptPage));
    }

    private void OpenEventPort(HostChannel channel)
    {
        if (channel.IsDedicated)
            Transport.OpenEventPort(channel.Connection, _ => Signalled(channel));
        else if (channel.Connection != ConnectionId.Event)
            Transport.OpenEventPort(channel.Connection, _ => Post(ScanInterruptPage));
    }

    private void CloseEventPort(HostChannel channel)
    {
        // Channels of 0.13 share one connection, which ends with the connection of the guest.
        if (channel.Connection != ConnectionId.Event)
            Transport.CloseEventPort(channel.Connection);
    }

    /// <summary>Stands for a device that is not in this host.</summary>
    private sealed class AbsentDevice : IChannelProvider
    {
        public static AbsentDevice Instance { get; } = new();

        public ChannelOffer Offer { get; } = new() { ClassId = Guid.Empty, InstanceId = Guid.Empty };

        public uint Open(ChannelSession session) => 1;

        public void Receive(ChannelSession session, ChannelPacket packet)
        {
        }

        public void Close(ChannelSession session, CloseReason reason)
        {
        }
    }
}
