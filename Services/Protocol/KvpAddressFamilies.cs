namespace GuestOS.Services.Protocol;

/// <summary>Address families of <see cref="KvpIpInfo"/>.</summary>
[Flags]
public enum KvpAddressFamilies : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>IPv4.</summary>
    V4 = 1,

    /// <summary>IPv6.</summary>
    V6 = 2,
}
