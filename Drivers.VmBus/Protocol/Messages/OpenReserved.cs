using System.Runtime.InteropServices;

namespace GuestOS.Drivers.VmBus.Protocol.Messages;

/// <summary>OPEN_RESERVED, 28 bytes (OpenVMM; for firmware).</summary>
[StructLayout(LayoutKind.Sequential)]
public struct OpenReserved
{
    /// <summary>0.</summary>
    public MessageHeader Header;

    /// <summary>8.</summary>
    public RelId RelId;

    /// <summary>12.</summary>
    public VpIndex TargetVp;

    /// <summary>16.</summary>
    public uint TargetSint;

    /// <summary>20.</summary>
    public GpadlId RingGpadl;

    /// <summary>24.</summary>
    public uint DownstreamPage;
}
