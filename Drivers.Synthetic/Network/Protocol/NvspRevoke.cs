using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>REVOKE_RECV_BUFFER and REVOKE_SEND_BUFFER, the first 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct NvspRevoke
{
    /// <summary>0.</summary>
    public NvspMessageType Type;

    /// <summary>4.</summary>
    public ushort Id;

    /// <summary>6: zero.</summary>
    public ushort Reserved;
}
