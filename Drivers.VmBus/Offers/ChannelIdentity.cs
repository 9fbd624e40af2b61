namespace GuestOS.Drivers.VmBus.Offers;

/// <summary>What names a channel for as long as its device exists; channel ids change with every offer.</summary>
/// <param name="ClassId">Interface type.</param>
/// <param name="InstanceId">Instance.</param>
/// <param name="SubchannelIndex">0 for the primary channel.</param>
public readonly record struct ChannelIdentity(Guid ClassId, Guid InstanceId, ushort SubchannelIndex);
