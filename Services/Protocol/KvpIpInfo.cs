namespace GuestOS.Services.Protocol;

/// <summary>
/// Places inside the body of operations 4 and 5 behind the header (offset 30 of the message, no padding). All text is UTF-16; lists are
/// separated by semicolons.
/// </summary>
public static class KvpIpInfo
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 7426;

    /// <summary>Adapter id: its hardware address, or its instance id.</summary>
    public const int AdapterId = 0;

    /// <summary>Bytes of <see cref="AdapterId"/>.</summary>
    public const int AdapterIdSize = 256;

    /// <summary>Address family: <see cref="KvpAddressFamilies"/>.</summary>
    public const int Family = 256;

    /// <summary>1 when addresses come by DHCP.</summary>
    public const int IsDhcp = 257;

    /// <summary>Addresses.</summary>
    public const int Addresses = 258;

    /// <summary>Subnet masks, or prefix lengths.</summary>
    public const int Subnets = 2306;

    /// <summary>Gateways.</summary>
    public const int Gateways = 4354;

    /// <summary>Bytes of <see cref="Gateways"/>; the other lists have <see cref="ListSize"/>.</summary>
    public const int GatewaysSize = 1024;

    /// <summary>Name servers.</summary>
    public const int NameServers = 5378;

    /// <summary>Bytes of a list.</summary>
    public const int ListSize = 2048;
}
