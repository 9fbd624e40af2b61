using System.Runtime.InteropServices;

namespace GuestOS.Drivers.VmBus.Protocol.Rings;

/// <summary>What follows the packet header of <see cref="PacketType.TransferPages"/> before its ranges, 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct TransferPagesHeader
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 8;

    /// <summary>16 of the packet.</summary>
    public ushort SetId;

    /// <summary>18.</summary>
    public byte SenderOwnsSet;

    /// <summary>19: zero.</summary>
    public byte Reserved;

    /// <summary>20.</summary>
    public uint RangeCount;
}
