using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GuestOS.Drivers.VmBus.Protocol.Hypervisor;

/// <summary>One slot of the message page, 256 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct SynIcMessage
{
    /// <summary>Size of a slot.</summary>
    public const int Size = 256;

    /// <summary>Largest payload.</summary>
    public const int LargestPayload = 240;

    /// <summary>Bit 0 of <see cref="Flags"/>: more messages wait for the slot.</summary>
    public const byte Pending = 1;

    /// <summary>0.</summary>
    public SynIcMessageType Type;

    /// <summary>4: bytes.</summary>
    public byte PayloadSize;

    /// <summary>5.</summary>
    public byte Flags;

    /// <summary>6: zero.</summary>
    public ushort Reserved;

    /// <summary>8: partition or port.</summary>
    public ulong Origin;

    /// <summary>16.</summary>
    public PayloadBytes Payload;

    /// <summary>240 bytes.</summary>
    [InlineArray(LargestPayload)]
    public struct PayloadBytes
    {
        private byte _first;
    }
}
