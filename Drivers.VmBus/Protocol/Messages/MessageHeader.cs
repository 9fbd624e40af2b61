using System.Runtime.InteropServices;

namespace GuestOS.Drivers.VmBus.Protocol.Messages;

/// <summary>Head of every channel message, 8 bytes; the whole message of REQUESTOFFERS, ALLOFFERS_DELIVERED, UNLOAD, PAUSE and their kin.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct MessageHeader
{
    /// <summary>Largest channel message.</summary>
    public const int LargestMessage = 240;

    /// <summary>0.</summary>
    public MessageType Type;

    /// <summary>4: zero.</summary>
    public uint Reserved;
}
