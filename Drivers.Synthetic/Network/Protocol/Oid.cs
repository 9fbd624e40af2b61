namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>Names of an adapter's values (NDIS object identifiers).</summary>
public enum Oid : uint
{
    /// <summary>u32: most bytes after the header of 14.</summary>
    MaximumFrameSize = 0x0001_0106,

    /// <summary>u32: in units of 100 bit/s.</summary>
    LinkSpeed = 0x0001_0107,

    /// <summary>u32: <see cref="PacketFilter"/>.</summary>
    CurrentPacketFilter = 0x0001_010E,

    /// <summary>u32: 0 is connected.</summary>
    MediaConnectStatus = 0x0001_0114,

    /// <summary><see cref="Protocol.RssCapabilities"/>.</summary>
    RssCapabilities = 0x0001_0203,

    /// <summary><see cref="Protocol.RssParameters"/>.</summary>
    RssParameters = 0x0001_0204,

    /// <summary>6 bytes.</summary>
    PermanentAddress = 0x0101_0101,

    /// <summary>6 bytes for each.</summary>
    MulticastList = 0x0101_0103,

    /// <summary><see cref="Protocol.OffloadParameters"/>.</summary>
    OffloadParameters = 0xFC01_020C,

    /// <summary><see cref="Protocol.OffloadCapabilities"/>.</summary>
    OffloadCapabilities = 0xFC01_020D,
}
