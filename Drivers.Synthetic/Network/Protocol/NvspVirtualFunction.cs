using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>SEND_VF_ASSOCIATION, the first 12 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct NvspVirtualFunction
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 12;

    /// <summary>0.</summary>
    public NvspMessageType Type;

    /// <summary>4: 1 when there is one.</summary>
    public uint IsAllocated;

    /// <summary>8: names the function on the virtual PCI bus.</summary>
    public uint SerialNumber;
}
