using GuestOS.Drivers.VmBus.Protocol;

namespace GuestOS.Sandbox.VmBus;

/// <summary>A channel of a saved connection.</summary>
/// <param name="ClassId">Class.</param>
/// <param name="InstanceId">Instance.</param>
/// <param name="SubchannelIndex">Index; 0 is the primary.</param>
/// <param name="RelId">Id that the guest knows.</param>
/// <param name="Connection">Where the guest signals.</param>
/// <param name="MonitorId">Monitor bit.</param>
/// <param name="IsDedicated">Signalled by its own connection.</param>
/// <param name="State">Offered, open or rescinded.</param>
/// <param name="Open">How it was opened; null when it is not open.</param>
public sealed record SavedChannel(
    Guid ClassId,
    Guid InstanceId,
    ushort SubchannelIndex,
    RelId RelId,
    ConnectionId Connection,
    MonitorId MonitorId,
    bool IsDedicated,
    HostChannelState State,
    SavedOpen? Open);
