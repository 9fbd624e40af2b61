using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>Answer to SEND_RECV_BUFFER with its first section, 28 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct NvspReceiveBufferComplete
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 28;

    /// <summary>0.</summary>
    public NvspMessageType Type;

    /// <summary>4.</summary>
    public NvspStatus Status;

    /// <summary>8: sections that follow.</summary>
    public uint SectionCount;

    /// <summary>12: in the buffer.</summary>
    public uint Offset;

    /// <summary>16: bytes of one sub-allocation.</summary>
    public uint SubAllocationSize;

    /// <summary>20: sub-allocations.</summary>
    public uint Count;

    /// <summary>24: in the buffer.</summary>
    public uint EndOffset;
}
