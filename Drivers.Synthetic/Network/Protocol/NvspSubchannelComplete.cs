using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>SUBCHANNEL, the host's, the first 12 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct NvspSubchannelComplete
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 12;

    /// <summary>0.</summary>
    public NvspMessageType Type;

    /// <summary>4.</summary>
    public NvspStatus Status;

    /// <summary>8: granted.</summary>
    public uint Count;
}
