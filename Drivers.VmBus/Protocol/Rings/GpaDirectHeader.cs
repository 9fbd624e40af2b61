using System.Runtime.InteropServices;

namespace GuestOS.Drivers.VmBus.Protocol.Rings;

/// <summary>What follows the packet header of <see cref="PacketType.GpaDirect"/> before its ranges, 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct GpaDirectHeader
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 8;

    /// <summary>16 of the packet: zero.</summary>
    public uint Reserved;

    /// <summary>20: at least 1.</summary>
    public uint RangeCount;
}
