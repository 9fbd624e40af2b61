using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>Checksums of one protocol in one direction, 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct ChecksumCapability
{
    /// <summary>IP options, extension headers in IPv6.</summary>
    public const uint IpOptions = 0x1;

    /// <summary>TCP options.</summary>
    public const uint TcpOptions = 0x4;

    /// <summary>TCP.</summary>
    public const uint Tcp = 0x10;

    /// <summary>UDP.</summary>
    public const uint Udp = 0x40;

    /// <summary>The IPv4 header.</summary>
    public const uint IpHeader = 0x100;

    /// <summary>0: 2 is IEEE 802.3.</summary>
    public uint Encapsulation;

    /// <summary>4.</summary>
    public uint Bits;
}
