using System.Buffers.Binary;

namespace GuestOS.Drivers.Tulip;

/// <summary>The checksum of the serial ROM: the low half of the CRC-32 of all bytes before it (DEC serial ROM format 4.0, 4.8).</summary>
internal static class SromChecksum
{
    /// <summary>Where it is in formats 3 and 4.</summary>
    public const int Place = 126;

    /// <summary>Where it is in format 1.</summary>
    public const int PlaceOfFormat1 = 94;

    private const uint Polynomial = 0xEDB8_8320;

    /// <summary>What the checksum of these bytes is.</summary>
    public static ushort Compute(ReadOnlySpan<byte> bytes)
    {
        var crc = 0xFFFF_FFFFu;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ Polynomial : crc >> 1;
        }

        return (ushort)~crc;
    }

    /// <summary>
    /// Null when the image's checksum is right, or was never programmed (all zeros or all ones); otherwise what is wrong with it.
    /// </summary>
    public static string? Check(ReadOnlySpan<byte> image, int formatVersion)
    {
        var place = formatVersion == 1 ? PlaceOfFormat1 : Place;
        var stored = BinaryPrimitives.ReadUInt16LittleEndian(image[place..]);
        var computed = Compute(image[..place]);
        return stored == computed || stored is 0 or 0xFFFF ? null : $"its checksum is {stored:x4}, its content's is {computed:x4}";
    }
}
