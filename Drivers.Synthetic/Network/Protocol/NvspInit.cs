using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>INIT, the first 12 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct NvspInit
{
    /// <summary>0.</summary>
    public NvspMessageType Type;

    /// <summary>4.</summary>
    public NvspVersion Lowest;

    /// <summary>8.</summary>
    public NvspVersion Highest;
}
