using System.Runtime.InteropServices;

namespace GuestOS.Drivers.VmBus.Protocol.Rings;

/// <summary>One range of the buffer that a transfer page packet speaks of, 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct TransferPageRange
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 8;

    /// <summary>0.</summary>
    public uint ByteCount;

    /// <summary>4: in the buffer.</summary>
    public uint ByteOffset;
}
