using System.Runtime.InteropServices;

namespace GuestOS.Drivers.VmBus.Protocol.Messages;

/// <summary>CLOSE_RESERVED, 20 bytes (OpenVMM; for firmware).</summary>
[StructLayout(LayoutKind.Sequential)]
public struct CloseReserved
{
    /// <summary>0.</summary>
    public MessageHeader Header;

    /// <summary>8.</summary>
    public RelId RelId;

    /// <summary>12.</summary>
    public VpIndex TargetVp;

    /// <summary>16.</summary>
    public uint TargetSint;
}
