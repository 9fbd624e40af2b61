using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>How received frames are spread over channels, 40 bytes; table (u32 channel numbers) and key follow.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct RssParameters
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 40;

    /// <summary>Bytes of the key.</summary>
    public const int KeySize = 40;

    /// <summary>Entries of the table when the host names no sensible number.</summary>
    public const int UsualEntries = 128;

    /// <summary>Most entries of the table.</summary>
    public const int MostEntries = 256;

    /// <summary>Do not spread at all.</summary>
    public const ushort Disable = 0x10;

    /// <summary>Toeplitz over addresses and TCP ports of IPv4 and IPv6.</summary>
    public const uint UsualHash = 0x1 | 0x100 | 0x200 | 0x400 | 0x1000;

    /// <summary>0.</summary>
    public NdisObjectHeader Header;

    /// <summary>4.</summary>
    public ushort Flags;

    /// <summary>6.</summary>
    public ushort BaseCpu;

    /// <summary>8.</summary>
    public uint HashInformation;

    /// <summary>12: bytes.</summary>
    public ushort TableSize;

    /// <summary>14: zero.</summary>
    public ushort Reserved0;

    /// <summary>16.</summary>
    public uint TableOffset;

    /// <summary>20.</summary>
    public ushort KeyLength;

    /// <summary>22: zero.</summary>
    public ushort Reserved1;

    /// <summary>24.</summary>
    public uint KeyOffset;

    /// <summary>28: zero.</summary>
    public uint MasksOffset;

    /// <summary>32: zero.</summary>
    public uint MaskCount;

    /// <summary>36: zero.</summary>
    public uint MaskSize;
}
