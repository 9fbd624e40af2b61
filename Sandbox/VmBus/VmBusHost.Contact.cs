using System.Runtime.InteropServices;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Messages;
using GuestOS.Sandbox.Memory;

namespace GuestOS.Sandbox.VmBus;

/// <content>Contact, unload, pause, and changes of the connection.</content>
public sealed partial class VmBusHost
{
    /// <summary>How often contact was asked for.</summary>
    public int Contacts { get; private set; }

    internal void InitiateContact(byte[] message)
    {
        Contacts++;
        Disconnect(CloseReason.Reset, withReserved: false);
        var request = MemoryMarshal.Read<InitiateContact>(message);
        var version = request.Version;
        var vp = version >= VmBusVersion.V3_0 ? request.TargetVp : new VpIndex(0);
        var sint = version >= VmBusVersion.V5_0 ? new Sint((byte)request.Target) : Sint.VmBus;
        if (!Transport.HasProcessor(vp) || sint.Value >= Sint.Count)
        {
            GuestError(0, $"contact for VP {vp.Value} SINT {sint.Value}");
            return;
        }

        if (!VmBusVersion.All.Contains(version) || version > Options.HighestVersion || version < Options.LowestVersion)
        {
            Respond(version, vp, sint, isSupported: false, ConnectionState.Ok, FeatureFlags.None);
            return;
        }

        var features = FeatureFlags.None;
        var client = Guid.Empty;
        if (version >= VmBusVersion.V6_0)
        {
            var granted = Options.Features | (Options.ServerMonitorPages is null ? FeatureFlags.None : FeatureFlags.ServerMonitorPages);
            var wanted = (FeatureFlags)(request.Target >> 32);
            features = wanted & granted;
            if ((wanted & FeatureFlags.ClientId) != 0)
            {
                if (message.Length < 56)
                {
                    GuestError(0, $"contact with a client id of {message.Length} bytes");
                    return;
                }

                client = MemoryMarshal.Read<InitiateContactWithClient>(message).ClientId;
            }
        }

        var monitors = (features & FeatureFlags.ServerMonitorPages) != 0
            ? Options.ServerMonitorPages!.Value
            : (ParentToChild: request.ParentToChildMonitor, ChildToParent: request.ChildToParentMonitor);
        if (!TryShareMonitors(monitors, out var page))
        {
            Respond(version, vp, sint, isSupported: version >= VmBusVersion.V2_4, ConnectionState.Failure, FeatureFlags.None);
            return;
        }

        var interrupts = version < VmBusVersion.V5_0 ? request.Target : 0;
        _connection = new HostConnection
        {
            Version = version,
            Features = features,
            TargetVp = vp,
            TargetSint = sint,
            ClientId = client,
            InterruptPageAddress = interrupts,
            Interrupts = TryShareInterrupts(interrupts),
            MonitorAddresses = monitors,
            Monitors = page,
        };
        OpenPorts(_connection);
        Respond(version, vp, sint, isSupported: true, ConnectionState.Ok, features);
    }

    internal void Unload()
    {
        var connection = _connection!;
        Disconnect(CloseReason.Unloaded, withReserved: false);
        void Answer() => Send(new MessageHeader { Type = MessageType.UnloadResponse }, connection.TargetVp, connection.TargetSint);
        if (Options.UnloadLatency == TimeSpan.Zero)
            Answer();
        else
            Later(Options.UnloadLatency, Answer);
    }

    internal void ModifyConnection(byte[] message)
    {
        var request = MemoryMarshal.Read<ModifyConnection>(message);
        var connection = _connection!;
        var state = ConnectionState.Failure;
        if (TryShareMonitors((request.ParentToChildMonitor, request.ChildToParentMonitor), out var page))
        {
            StopMonitors();
            connection.Monitors?.Dispose();
            connection.Monitors = page;
            connection.MonitorAddresses = (request.ParentToChildMonitor, request.ChildToParentMonitor);
            foreach (var channel in connection.Channels.Values.Where(static channel => channel.State == HostChannelState.Open))
                StartMonitor(channel);
            state = ConnectionState.Ok;
        }

        Send(new ModifyConnectionResponse { Header = new MessageHeader { Type = MessageType.ModifyConnectionResponse }, State = state });
    }

    internal void Pause()
    {
        Send(new MessageHeader { Type = MessageType.PauseResponse });
        Flush();
        _connection!.IsPaused = true;
    }

    internal void Resume()
    {
        if (!_connection!.IsPaused)
            GuestError(0, "RESUME without PAUSE");
        _connection.IsPaused = false;
        Flush();
    }

    /// <summary>Ends the connection and lets go of everything that the guest shared, save for reserved channels.</summary>
    private void Disconnect(CloseReason reason, bool withReserved)
    {
        if (_connection is not { } connection)
            return;
        StopMonitors();
        foreach (var channel in connection.Channels.Values.OrderByDescending(static channel => channel.Offer.SubchannelIndex).ToList())
        {
            if (channel.IsReserved && !withReserved)
                continue;
            Forget(connection, channel, reason);
        }

        foreach (var gpadl in connection.Gpadls.Values.Where(gpadl => withReserved || !IsReservedRing(gpadl)))
            gpadl.Dispose();
        _outbox.Clear();
        if (connection.Version >= VmBusVersion.V5_0)
            Transport.CloseMessagePort(Options.MessageConnection);
        Transport.CloseEventPort(ConnectionId.Event);
        connection.Interrupts?.Dispose();
        connection.Monitors?.Dispose();
        _connection = null;
    }

    /// <summary>The guest knows nothing of the channel any more. Subchannels end with the connection; primaries wait for the next one.</summary>
    private void Forget(HostConnection connection, HostChannel channel, CloseReason reason)
    {
        CloseSession(channel, reason);
        CloseEventPort(channel);
        connection.Channels.Remove(channel.RelId.Value);
        channel.RelId = default;
        channel.ReleasedGpadls.Clear();
        if (channel.Primary is not null || (channel.State == HostChannelState.Rescinded && !channel.IsWantedAgain))
        {
            channel.State = HostChannelState.Gone;
            lock (_channels)
                _channels.Remove(channel);
            return;
        }

        channel.IsWantedAgain = false;
        channel.State = HostChannelState.Waiting;
        lock (_channels)
        {
            if (!_channels.Contains(channel))
                _channels.Add(channel);
        }
    }

    private SharedPages? TryShareInterrupts(ulong address)
    {
        var page = address == 0 || address % 4096 != 0 ? null : SharedPages.TryOpen(Transport.Memory, [address / 4096]);
        if (page is null && address != 0)
            GuestError(0, $"interrupt page at {address:x}");
        return page;
    }

    private bool TryShareMonitors((ulong ParentToChild, ulong ChildToParent) addresses, out SharedPages? page)
    {
        page = null;
        if (addresses is (0, 0))
            return true;
        if (addresses.ParentToChild == 0 || addresses.ChildToParent == 0)
        {
            GuestError(0, "one monitor page without the other");
            return false;
        }

        page = SharedPages.TryOpen(Transport.Memory, [addresses.ChildToParent / 4096]);
        if (page is null || addresses.ChildToParent % 4096 != 0 || addresses.ParentToChild % 4096 != 0)
        {
            GuestError(0, $"monitor pages at {addresses.ParentToChild:x} and {addresses.ChildToParent:x}");
            page?.Dispose();
            return false;
        }

        return true;
    }

    private void Respond(VmBusVersion version, VpIndex vp, Sint sint, bool isSupported, ConnectionState state, FeatureFlags features)
    {
        var response = new VersionResponseWithFeatures
        {
            Response = new VersionResponse
            {
                Header = new MessageHeader { Type = MessageType.VersionResponse },
                Supported = isSupported ? (byte)1 : (byte)0,
                State = state,
                MessageConnection = version >= VmBusVersion.V5_0 && isSupported ? Options.MessageConnection : default,
            },
            Features = features,
        };
        var length = version < VmBusVersion.V6_0 || !isSupported ? Options.VersionResponseLength : VersionResponseWithFeatures.ShortSize;
        if ((features & FeatureFlags.ServerMonitorPages) != 0)
        {
            (response.ParentToChildMonitor, response.ChildToParentMonitor) = Options.ServerMonitorPages!.Value;
            length = 40;
        }

        SendBytes(MemoryMarshal.AsBytes(new ReadOnlySpan<VersionResponseWithFeatures>(in response))[..length], vp, sint);
    }

    private void ScanInterruptPage()
    {
        if (_connection is not { } connection)
            return;
        foreach (var channel in connection.Channels.Values)
        {
            if (!channel.IsDedicated && connection.TakeInterruptBit(channel.RelId.Value))
                Signalled(channel);
        }
    }
}
