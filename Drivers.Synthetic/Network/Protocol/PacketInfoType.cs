namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>Type of an element of per-packet information.</summary>
public enum PacketInfoType : uint
{
    /// <summary><see cref="ChecksumInfo"/>.</summary>
    Checksum = 0,

    /// <summary>IPsec.</summary>
    IpSec = 1,

    /// <summary><see cref="LargeSendInfo"/>.</summary>
    LargeSend = 2,

    /// <summary><see cref="VlanInfo"/>.</summary>
    Vlan = 6,

    /// <summary>Received: the hash, u32.</summary>
    Hash = 8,

    /// <summary>Internal: the id of the packet.</summary>
    PacketId = 0x8000_0001,
}
