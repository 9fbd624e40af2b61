using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>What the host does with checksums and large frames: the first 112 bytes, which every revision has.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct OffloadCapabilities
{
    /// <summary>Bytes of revision 1.</summary>
    public const int Size1 = 112;

    /// <summary>Bytes of revision 2.</summary>
    public const int Size2 = 144;

    /// <summary>Bytes of revision 3.</summary>
    public const int Size3 = 156;

    /// <summary>0.</summary>
    public NdisObjectHeader Header;

    /// <summary>4.</summary>
    public ChecksumCapability SendV4;

    /// <summary>12.</summary>
    public ChecksumCapability ReceiveV4;

    /// <summary>20.</summary>
    public ChecksumCapability SendV6;

    /// <summary>28.</summary>
    public ChecksumCapability ReceiveV6;

    /// <summary>36: version 1 of large sends.</summary>
    public LargeSendV1 LargeSend1;

    /// <summary>52.</summary>
    public IpSecV1 IpSec1;

    /// <summary>80.</summary>
    public LargeSendCapability LargeSendV4;

    /// <summary>92.</summary>
    public LargeSendCapability LargeSendV6;

    /// <summary>104.</summary>
    public uint LargeSendV6Options;

    /// <summary>108.</summary>
    public uint Flags;

    /// <summary>16 bytes that are not looked at.</summary>
    [System.Runtime.CompilerServices.InlineArray(4)]
    public struct LargeSendV1
    {
        private uint _first;
    }

    /// <summary>28 bytes that are not looked at.</summary>
    [System.Runtime.CompilerServices.InlineArray(7)]
    public struct IpSecV1
    {
        private uint _first;
    }
}
