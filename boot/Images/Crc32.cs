namespace GuestOS.Boot.Images;

/// <summary>The CRC of GUID partition tables (UEFI 5.3.2): polynomial 0x04C11DB7 reflected, initial and final value all ones.</summary>
internal static class Crc32
{
    private const uint ReflectedPolynomial = 0xEDB88320;

    /// <summary>The checksum of some bytes.</summary>
    public static uint Of(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ (ReflectedPolynomial & (0 - (crc & 1)));
        }

        return ~crc;
    }
}
