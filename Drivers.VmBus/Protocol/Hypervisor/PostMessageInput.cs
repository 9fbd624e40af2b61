using System.Runtime.InteropServices;

namespace GuestOS.Drivers.VmBus.Protocol.Hypervisor;

/// <summary>Head of the input block of HvCallPostMessage, 16 bytes; the payload follows.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct PostMessageInput
{
    /// <summary>Size of the head.</summary>
    public const int HeadSize = 16;

    /// <summary>Size of the whole block.</summary>
    public const int BlockSize = 256;

    /// <summary>Largest payload.</summary>
    public const int LargestPayload = 240;

    /// <summary>Message type of VMBus.</summary>
    public const uint VmBusMessage = 1;

    /// <summary>0.</summary>
    public ConnectionId Connection;

    /// <summary>4: zero.</summary>
    public uint Reserved;

    /// <summary>8: not zero, bit 31 clear.</summary>
    public uint MessageType;

    /// <summary>12: bytes, 0 to 240.</summary>
    public uint PayloadSize;
}
