using GuestOS.Drivers.VmBus.Protocol.Rings;

namespace GuestOS.Drivers.VmBus.Rings;

/// <summary>A set of packet types that a channel takes (rule R4).</summary>
[Flags]
public enum PacketTypes
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary><see cref="PacketType.InBand"/>.</summary>
    InBand = 1 << PacketType.InBand,

    /// <summary><see cref="PacketType.TransferPages"/>.</summary>
    TransferPages = 1 << PacketType.TransferPages,

    /// <summary><see cref="PacketType.Completion"/>.</summary>
    Completion = 1 << PacketType.Completion,
}
