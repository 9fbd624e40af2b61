using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>INITIALIZE_CMPLT, 52 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct RndisInitializeComplete
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 52;

    /// <summary>0.</summary>
    public RndisHeader Header;

    /// <summary>8.</summary>
    public uint RequestId;

    /// <summary>12.</summary>
    public RndisStatus Status;

    /// <summary>16.</summary>
    public uint Major;

    /// <summary>20.</summary>
    public uint Minor;

    /// <summary>24: 1 is connectionless.</summary>
    public uint DeviceFlags;

    /// <summary>28: 0 is IEEE 802.3.</summary>
    public uint Medium;

    /// <summary>32: messages in one packet.</summary>
    public uint MostPackets;

    /// <summary>36: bytes.</summary>
    public uint MaxTransfer;

    /// <summary>40: power of two.</summary>
    public uint AlignmentFactor;

    /// <summary>44.</summary>
    public uint ListOffset;

    /// <summary>48.</summary>
    public uint ListSize;
}
