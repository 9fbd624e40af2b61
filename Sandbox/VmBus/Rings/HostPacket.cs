using GuestOS.Drivers.VmBus.Protocol.Rings;

namespace GuestOS.Sandbox.VmBus.Rings;

/// <summary>A packet that the host read.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Flags">Its flags.</param>
/// <param name="TransactionId">Its transaction id.</param>
/// <param name="Descriptor">What stands between header and payload: ranges.</param>
/// <param name="Payload">Payload with padding.</param>
/// <param name="Start">The index at which it began.</param>
public sealed record HostPacket(PacketType Type, PacketFlags Flags, ulong TransactionId, byte[] Descriptor, byte[] Payload, uint Start);
