using System.Runtime.InteropServices;

namespace GuestOS.Drivers.VmBus.Protocol.Rings;

/// <summary>Head of a range of guest pages, 8 bytes; its page frame numbers follow, 8 bytes each.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct GpaRange
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 8;

    /// <summary>0.</summary>
    public uint ByteCount;

    /// <summary>4: in the first page.</summary>
    public uint ByteOffset;

    /// <summary>Pages that it covers.</summary>
    public readonly int PageCount => (int)(((ulong)ByteOffset + ByteCount + 4095) / 4096);
}
