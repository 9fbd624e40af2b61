using GuestOS.Drivers.VmBus.Protocol.Rings;

namespace GuestOS.Sandbox.VmBus;

/// <summary>A packet on its way to the guest.</summary>
internal sealed record OutgoingPacket(PacketType Type, PacketFlags Flags, ulong TransactionId, byte[] Descriptor, byte[] Payload);
