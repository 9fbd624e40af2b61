using System.Runtime.InteropServices;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Messages;

namespace GuestOS.Sandbox.VmBus;

/// <content>Opening, closing and moving channels.</content>
public sealed partial class VmBusHost
{
    /// <summary>Pages of a ring at least: the control page and one of data.</summary>
    private const int LeastRingPages = 2;

    internal void OpenChannel(byte[] message)
    {
        var request = MemoryMarshal.Read<OpenChannel>(message);
        var connection = _connection!;
        if (!TryFind(request.RelId, "OPENCHANNEL", out var channel))
            return;
        var parameters = new SessionParameters
        {
            Version = connection.Version,
            Ring = FindGpadl(channel, request.RingGpadl)!,
            DownstreamPage = (int)Math.Min(request.DownstreamPage, int.MaxValue),
            TargetVp = request.TargetVp,
            TargetSint = connection.TargetSint,
            EventFlag = request.RelId.Value,
            OpenId = request.OpenId,
            UserData = message.AsMemory(28, Drivers.VmBus.Protocol.Messages.UserData.Length),
        };
        if (connection.Has(FeatureFlags.GuestSignalParameters))
            parameters = parameters with { EventFlag = MemoryMarshal.Read<OpenChannelWithSignal>(message).EventFlag };
        var status = TryOpen(channel, parameters);
        Send(new OpenChannelResult
        {
            Header = new MessageHeader { Type = MessageType.OpenChannelResult },
            RelId = request.RelId,
            OpenId = request.OpenId,
            Status = status,
        });
    }

    internal void CloseChannel(byte[] message)
    {
        var relId = MemoryMarshal.Read<RelIdMessage>(message).RelId;
        if (!TryFind(relId, "CLOSECHANNEL", out var channel))
            return;
        if (channel.State != HostChannelState.Open || channel.IsReserved)
        {
            GuestError(relId.Value, "CLOSECHANNEL of a channel that is not open");
            return;
        }

        CloseSession(channel, CloseReason.Closed);
        foreach (var sub in Channels.Where(other => other.Primary == channel))
        {
            if (sub.State == HostChannelState.Open)
                GuestError(relId.Value, $"CLOSECHANNEL while subchannel {sub.Offer.SubchannelIndex} is open");
            RescindNow(sub);
        }
    }

    internal void ModifyChannel(byte[] message)
    {
        var request = MemoryMarshal.Read<ModifyChannel>(message);
        if (!TryFind(request.RelId, "MODIFYCHANNEL", out var channel))
            return;
        if (channel.IsMoving)
            GuestError(request.RelId.Value, "MODIFYCHANNEL before the answer to the one before");
        var status = Options.FailureStatus;
        if (channel.Session is null)
            GuestError(request.RelId.Value, "MODIFYCHANNEL of a channel that is not open");
        else if (request.TargetVp == VpIndex.InterruptsOff || !Transport.HasProcessor(request.TargetVp))
            GuestError(request.RelId.Value, $"MODIFYCHANNEL to VP {request.TargetVp.Value}");
        else
            status = 0;

        void Finish()
        {
            channel.IsMoving = false;
            if (status == 0 && channel.Session is { } now)
                now.TargetVp = request.TargetVp;
            if (_connection is { } connection && connection.Version >= VmBusVersion.V5_3 && connection.Channels.ContainsValue(channel))
            {
                Send(new ModifyChannelResponse
                {
                    Header = new MessageHeader { Type = MessageType.ModifyChannelResponse },
                    RelId = request.RelId,
                    Status = status,
                });
            }
        }

        if (Options.ModifyLatency == TimeSpan.Zero)
        {
            Finish();
            return;
        }

        channel.IsMoving = _connection!.Version >= VmBusVersion.V5_3;
        Later(Options.ModifyLatency, Finish);
    }

    internal void OpenReserved(byte[] message)
    {
        var request = MemoryMarshal.Read<OpenReserved>(message);
        if (!TryFind(request.RelId, "OPEN_RESERVED", out var channel))
            return;
        if (request.TargetSint >= Sint.Count || !Transport.HasProcessor(request.TargetVp))
        {
            GuestError(request.RelId.Value, $"OPEN_RESERVED for VP {request.TargetVp.Value} SINT {request.TargetSint}");
            return;
        }

        var sint = new Sint((byte)request.TargetSint);
        var status = TryOpen(channel, new SessionParameters
        {
            Version = _connection!.Version,
            Ring = FindGpadl(channel, request.RingGpadl)!,
            DownstreamPage = (int)Math.Min(request.DownstreamPage, int.MaxValue),
            TargetVp = request.TargetVp,
            TargetSint = sint,
            EventFlag = request.RelId.Value,
            UserData = new byte[Drivers.VmBus.Protocol.Messages.UserData.Length],
        });
        channel.IsReserved |= status == 0;
        Send(
            new OpenChannelResult { Header = new MessageHeader { Type = MessageType.OpenChannelResult }, RelId = request.RelId, Status = status },
            request.TargetVp,
            sint);
    }

    internal void CloseReserved(byte[] message)
    {
        var request = MemoryMarshal.Read<CloseReserved>(message);
        if (request.TargetSint >= Sint.Count || !Transport.HasProcessor(request.TargetVp))
        {
            GuestError(request.RelId.Value, $"CLOSE_RESERVED for VP {request.TargetVp.Value} SINT {request.TargetSint}");
            return;
        }

        if (Channels.FirstOrDefault(other => other.IsReserved && other.RelId == request.RelId) is not { } channel)
        {
            GuestError(request.RelId.Value, "CLOSE_RESERVED of a channel that is not open as a reserved one");
            return;
        }

        var ring = channel.Session!.Parameters.Ring;
        CloseSession(channel, CloseReason.Closed);
        Send(
            new RelIdMessage { Header = new MessageHeader { Type = MessageType.CloseReservedResponse }, RelId = request.RelId },
            request.TargetVp,
            new Sint((byte)request.TargetSint));
        if (_connection?.Channels.ContainsValue(channel) == true)
            return;
        ring.Dispose();
        CloseEventPort(channel);
        channel.RelId = default;
        channel.State = HostChannelState.Waiting;
        Announce(channel);
    }

    private uint TryOpen(HostChannel channel, SessionParameters parameters)
    {
        var relId = channel.RelId.Value;
        string? wrong = null;
        if (channel.Session is not null)
            wrong = "the channel is open";
        else if (parameters.Ring is not { } ring)
            wrong = "the ring's GPADL is not there";
        else if (ring.Offset != 0 || ring.Length % 4096 != 0)
            wrong = $"a ring at offset {ring.Offset} with {ring.Length} bytes";
        else if (parameters.DownstreamPage < LeastRingPages || parameters.DownstreamPage > ring.Pages.Count - LeastRingPages)
            wrong = $"the downstream ring at page {parameters.DownstreamPage} of {ring.Pages.Count}";
        else if (parameters.TargetVp != VpIndex.InterruptsOff && !Transport.HasProcessor(parameters.TargetVp))
            wrong = $"VP {parameters.TargetVp.Value}";
        else if (parameters.EventFlag > RelId.Highest)
            wrong = $"event flag {parameters.EventFlag}";
        if (wrong is not null)
        {
            GuestError(relId, "OPENCHANNEL: " + wrong);
            return Options.FailureStatus;
        }

        var session = new ChannelSession(this, channel, parameters);
        var status = channel.Provider.Open(session);
        if (status != 0)
        {
            Trace.Add(TraceKind.Note, relId, $"the provider refuses to open: {status:x}");
            session.Refuse();
            return status;
        }

        channel.Session = session;
        channel.State = HostChannelState.Open;
        Trace.Add(TraceKind.Note, relId, $"open: rings of {session.OutboundSize} and {session.InboundSize} bytes, VP {session.TargetVp.Value}");
        StartMonitor(channel);
        session.Signalled();
        return 0;
    }

    private void CloseSession(HostChannel channel, CloseReason reason)
    {
        StopMonitor(channel);
        if (channel.Session is not { } session)
            return;
        channel.Session = null;
        channel.IsReserved = false;
        channel.State = HostChannelState.Offered;
        session.Close(reason);
    }

    /// <summary>The guest signalled a channel. Runs on the guest's processor as well.</summary>
    private void Signalled(HostChannel channel)
    {
        Trace.Add(TraceKind.SignalFromGuest, channel.RelId.Value, "");
        channel.Session?.Signalled();
    }

    private bool IsReservedRelId(uint relId) => Channels.Any(channel => channel.IsReserved && channel.RelId.Value == relId);

    private bool IsReservedRing(HostGpadl gpadl) => Channels.Any(channel => channel.IsReserved && channel.Session?.Parameters.Ring == gpadl);
}
