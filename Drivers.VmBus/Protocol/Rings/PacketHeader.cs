using System.Runtime.InteropServices;

namespace GuestOS.Drivers.VmBus.Protocol.Rings;

/// <summary>Head of every ring packet, 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct PacketHeader
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 16;

    /// <summary>0.</summary>
    public PacketType Type;

    /// <summary>2: start of the payload, in 8-byte units from the packet's start.</summary>
    public ushort DataOffset8;

    /// <summary>4: length without the footer, in 8-byte units.</summary>
    public ushort Length8;

    /// <summary>6.</summary>
    public PacketFlags Flags;

    /// <summary>8.</summary>
    public ulong TransactionId;
}
