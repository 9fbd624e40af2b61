using System.Runtime.InteropServices;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Messages;
using GuestOS.Sandbox.Memory;

namespace GuestOS.Sandbox.VmBus;

/// <content>Buffers that the guest shares.</content>
public sealed partial class VmBusHost
{
    internal HostGpadl? FindGpadl(HostChannel channel, GpadlId id) =>
        _connection is { } connection && connection.Gpadls.TryGetValue(id.Value, out var gpadl) && gpadl.RelId == channel.RelId ? gpadl : null;

    internal void GpadlHeader(byte[] message)
    {
        var header = MemoryMarshal.Read<GpadlHeader>(message);
        var connection = _connection!;
        if (!TryFind(header.RelId, "GPADL_HEADER", out _))
            return;
        if (connection.Gpadls.ContainsKey(header.Gpadl.Value) || connection.Building.ContainsKey(header.Gpadl.Value))
        {
            RefuseGpadl(header.RelId, header.Gpadl, "the handle is in use");
            return;
        }

        if (connection.Gpadls.Count + connection.Building.Count >= Options.MostGpadls)
        {
            RefuseGpadl(header.RelId, header.Gpadl, $"there are {Options.MostGpadls} already");
            return;
        }

        var builder = new GpadlBuilder(header.RelId, header.Gpadl, header.RangeBufferLength, header.RangeCount);
        builder.Add(message.AsSpan(20));
        connection.Building.Add(header.Gpadl.Value, builder);
        Complete(connection, builder);
    }

    internal void GpadlBody(byte[] message)
    {
        var body = MemoryMarshal.Read<GpadlBody>(message);
        var connection = _connection!;
        if (!connection.Building.TryGetValue(body.Gpadl.Value, out var builder))
        {
            GuestError(0, $"GPADL_BODY of {body.Gpadl}, which is not being built");
            return;
        }

        builder.Add(message.AsSpan(16));
        Complete(connection, builder);
    }

    internal void GpadlTeardown(byte[] message)
    {
        var request = MemoryMarshal.Read<GpadlTeardown>(message);
        var connection = _connection!;
        if (!connection.Channels.TryGetValue(request.RelId.Value, out var channel))
        {
            GuestError(request.RelId.Value, $"GPADL_TEARDOWN of {request.Gpadl} on a channel that is not offered");
            return;
        }

        if (channel.ReleasedGpadls.Remove(request.Gpadl.Value))
        {
            if (Options.AnswersTeardownAfterRescind)
                SendTorndown(request.Gpadl);
            return;
        }

        if (FindGpadl(channel, request.Gpadl) is not { } gpadl)
        {
            GuestError(request.RelId.Value, $"GPADL_TEARDOWN of {request.Gpadl}, which is not there");
            return;
        }

        if (channel.Session is { } session && session.Parameters.Ring == gpadl)
        {
            GuestError(request.RelId.Value, $"GPADL_TEARDOWN of {request.Gpadl}, the ring of the open channel");
            return;
        }

        connection.Gpadls.TryRemove(request.Gpadl.Value, out _);
        gpadl.Dispose();
        SendTorndown(request.Gpadl);
    }

    private void SendTorndown(GpadlId id) => Send(new GpadlTorndown { Header = new MessageHeader { Type = MessageType.GpadlTorndown }, Gpadl = id });

    private void Complete(HostConnection connection, GpadlBuilder builder)
    {
        if (!builder.IsComplete)
            return;
        connection.Building.Remove(builder.Id.Value);
        if (!TryFind(builder.RelId, "GPADL_BODY", out var channel))
            return;
        if (builder.TryParse(out var reason) is not { } range)
        {
            RefuseGpadl(builder.RelId, builder.Id, reason);
            return;
        }

        if (connection.Gpadls.Values.Sum(static other => (long)other.Length) + range.Length > Options.MostGpadlBytes)
        {
            RefuseGpadl(builder.RelId, builder.Id, $"{range.Length} bytes are more than the host has left");
            return;
        }

        if (SharedPages.TryOpen(Transport.Memory, range.Frames) is not { } pages)
        {
            RefuseGpadl(builder.RelId, builder.Id, "a frame that is no memory");
            return;
        }

        var gpadl = new HostGpadl(builder.Id, builder.RelId, pages, range.Frames, range.Offset, range.Length, what => GuestError(builder.RelId.Value, what));
        connection.Gpadls[builder.Id.Value] = gpadl;
        Send(new GpadlCreated { Header = new MessageHeader { Type = MessageType.GpadlCreated }, RelId = builder.RelId, Gpadl = builder.Id });
        if (channel.Session is { } session)
            session.Post(() => channel.Provider.BufferCreated(session, gpadl));
    }

    private void RefuseGpadl(RelId relId, GpadlId id, string reason)
    {
        GuestError(relId.Value, $"GPADL {id}: {reason}");
        if (!Options.IsSilentOnBadGpadl)
            Send(new GpadlCreated { Header = new MessageHeader { Type = MessageType.GpadlCreated }, RelId = relId, Gpadl = id, Status = Options.FailureStatus });
    }

    /// <summary>The host lets go of all buffers of a channel that it took back.</summary>
    private void ReleaseGpadls(HostChannel channel)
    {
        if (_connection is not { } connection)
            return;
        foreach (var gpadl in connection.Gpadls.Values.Where(gpadl => gpadl.RelId == channel.RelId).ToList())
        {
            connection.Gpadls.TryRemove(gpadl.Id.Value, out _);
            channel.ReleasedGpadls.Add(gpadl.Id.Value);
            gpadl.Dispose();
        }

        foreach (var builder in connection.Building.Values.Where(builder => builder.RelId == channel.RelId).ToList())
            connection.Building.Remove(builder.Id.Value);
    }

    /// <summary>The channel of a request. False, and nothing is answered, when it was taken back or never offered.</summary>
    private bool TryFind(RelId relId, string what, out HostChannel channel)
    {
        if (_connection!.Channels.TryGetValue(relId.Value, out channel!))
        {
            if (channel.State is HostChannelState.Offered or HostChannelState.Open)
                return true;
            Trace.Add(TraceKind.Note, relId.Value, $"{what} of a channel that was taken back is ignored");
            return false;
        }

        GuestError(relId.Value, $"{what} of a channel that is not offered");
        return false;
    }
}
