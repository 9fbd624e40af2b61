using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>INITIALIZE, 24 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct RndisInitialize
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 24;

    /// <summary>Largest message that Linux says it takes.</summary>
    public const uint UsualMaxTransfer = 0x4000;

    /// <summary>0.</summary>
    public RndisHeader Header;

    /// <summary>8.</summary>
    public uint RequestId;

    /// <summary>12: 1.</summary>
    public uint Major;

    /// <summary>16: 0.</summary>
    public uint Minor;

    /// <summary>20: bytes.</summary>
    public uint MaxTransfer;
}
