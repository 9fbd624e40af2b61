using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>INIT_COMPLETE, the first 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct NvspInitComplete
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 16;

    /// <summary>0.</summary>
    public NvspMessageType Type;

    /// <summary>4: says nothing any more.</summary>
    public uint DeprecatedVersion;

    /// <summary>8.</summary>
    public uint MostMdls;

    /// <summary>12.</summary>
    public NvspStatus Status;
}
