using GuestOS.Drivers.VmBus.Connections;
using GuestOS.Drivers.VmBus.Protocol;

namespace GuestOS.Drivers.VmBus.Channels;

/// <summary>The state of a channel; the pump changes it. A rescind is an input of each.</summary>
internal abstract record ChannelState(ChannelStatus Status)
{
    public sealed record Closed() : ChannelState(ChannelStatus.Closed);

    /// <summary>Waits for GPADL_CREATED of the rings.</summary>
    public sealed record SharingRings(OpenOperation Operation, GpadlEntry Ring) : ChannelState(ChannelStatus.Opening);

    /// <summary>Waits for OPENCHANNEL_RESULT.</summary>
    public sealed record Opening(OpenOperation Operation, GpadlEntry Ring, OpenId OpenId, Deadline Deadline) : ChannelState(ChannelStatus.Opening);

    public sealed record Open(GpadlEntry Ring) : ChannelState(ChannelStatus.Open);

    /// <summary>Of a primary channel: waits for its subchannels to be closed.</summary>
    public sealed record ClosingSubchannels(GpadlEntry Ring, ChannelEnd Reason) : ChannelState(ChannelStatus.Closing);

    /// <summary>Waits for the handler to be quiet.</summary>
    /// <param name="Ring">The rings.</param>
    /// <param name="Reason">Why it is closed.</param>
    /// <param name="TellsHost">The host has it open, or may have.</param>
    /// <param name="Refusal">The opening that the host refused, which is told at the end; null when there is none.</param>
    public sealed record Quieting(GpadlEntry Ring, ChannelEnd Reason, bool TellsHost, OpenOperation? Refusal) : ChannelState(ChannelStatus.Closing);

    /// <summary>Waits for the host to let go of the rings.</summary>
    public sealed record TearingDown(ChannelEnd Reason, OpenOperation? Refusal) : ChannelState(ChannelStatus.Closing);

    /// <summary>Waits for the requests and the handler to be told of the end.</summary>
    public sealed record Ending(OpenOperation? Refusal) : ChannelState(ChannelStatus.Closing);

    /// <summary>Waits for its users to let go.</summary>
    public sealed record Rescinded() : ChannelState(ChannelStatus.Rescinded);

    public sealed record Released() : ChannelState(ChannelStatus.Released);

    public sealed record Suspended() : ChannelState(ChannelStatus.Suspended);
}
