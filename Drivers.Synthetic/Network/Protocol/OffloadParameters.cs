using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>Which offloads the host shall do, 28 bytes; hosts up to NVSP 4 take the first 22.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct OffloadParameters
{
    /// <summary>Bytes from NVSP 5 on.</summary>
    public const int Size = 28;

    /// <summary>Bytes up to NVSP 4.</summary>
    public const int OldSize = 22;

    /// <summary>Off.</summary>
    public const byte Off = 1;

    /// <summary>Checksums: sent ones only. Large sends: on.</summary>
    public const byte SendOnly = 2;

    /// <summary>Checksums: received ones only.</summary>
    public const byte ReceiveOnly = 3;

    /// <summary>Checksums: both directions.</summary>
    public const byte Both = 4;

    /// <summary>Large sends: on.</summary>
    public const byte On = 2;

    /// <summary>0.</summary>
    public NdisObjectHeader Header;

    /// <summary>4.</summary>
    public byte IpV4Checksum;

    /// <summary>5.</summary>
    public byte TcpV4Checksum;

    /// <summary>6.</summary>
    public byte UdpV4Checksum;

    /// <summary>7.</summary>
    public byte TcpV6Checksum;

    /// <summary>8.</summary>
    public byte UdpV6Checksum;

    /// <summary>9.</summary>
    public byte LargeSendV1;

    /// <summary>10.</summary>
    public byte IpSecV1;

    /// <summary>11.</summary>
    public byte LargeSendIpV4;

    /// <summary>12.</summary>
    public byte LargeSendIpV6;

    /// <summary>13.</summary>
    public byte TcpConnectionIpV4;

    /// <summary>14.</summary>
    public byte TcpConnectionIpV6;

    /// <summary>15: zero.</summary>
    public byte Reserved0;

    /// <summary>16.</summary>
    public uint Flags;

    /// <summary>20.</summary>
    public ushort IpSecV2;

    /// <summary>22.</summary>
    public byte CoalescingIpV4;

    /// <summary>23.</summary>
    public byte CoalescingIpV6;

    /// <summary>24.</summary>
    public byte EncapsulatedOffload;

    /// <summary>25.</summary>
    public byte EncapsulationTypes;

    /// <summary>26: zero.</summary>
    public ushort Reserved1;
}
