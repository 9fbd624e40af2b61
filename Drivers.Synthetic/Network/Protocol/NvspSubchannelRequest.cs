using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>SUBCHANNEL, the guest's, the first 12 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct NvspSubchannelRequest
{
    /// <summary>0.</summary>
    public NvspMessageType Type;

    /// <summary>4: <see cref="NvspConstants.AllocateSubchannels"/>.</summary>
    public uint Operation;

    /// <summary>8.</summary>
    public uint Count;
}
