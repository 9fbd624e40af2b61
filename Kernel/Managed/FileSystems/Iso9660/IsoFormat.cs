using System.Buffers.Binary;

namespace GuestOS.Kernel.FileSystems.Iso9660;

/// <summary>ECMA-119 (the same text as ISO 9660): sizes, places and the way numbers are written.</summary>
internal static class IsoFormat
{
    /// <summary>Logical sector (6.1.2). Directory records do not cross one.</summary>
    public const int SectorSize = 2048;

    /// <summary>First sector of the volume descriptors (6.2.1).</summary>
    public const int FirstDescriptor = 16;

    /// <summary>Descriptors that are read at most; a disc has a handful.</summary>
    public const int MostDescriptors = 64;

    /// <summary>Bytes of one directory, and of its entries' number, that are believed.</summary>
    public const int LongestDirectory = 16 << 20;

    /// <summary>A number in both byte orders, 7.2.3 and 7.3.3; false when the two differ.</summary>
    public static bool TryReadBoth16(ReadOnlySpan<byte> bytes, out ushort value)
    {
        value = BinaryPrimitives.ReadUInt16LittleEndian(bytes);
        return BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]) == value;
    }

    /// <summary>See <see cref="TryReadBoth16"/>.</summary>
    public static bool TryReadBoth32(ReadOnlySpan<byte> bytes, out uint value)
    {
        value = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        return BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]) == value;
    }
}
