using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>Answer to SEND_SEND_BUFFER, 12 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct NvspSendBufferComplete
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 12;

    /// <summary>0.</summary>
    public NvspMessageType Type;

    /// <summary>4.</summary>
    public NvspStatus Status;

    /// <summary>8: bytes.</summary>
    public uint SectionSize;
}
