using GuestOS.Machine.Network;

namespace GuestOS.Drivers.Tulip;

/// <summary>Where an address is in the chip's hash table: the low nine bits of the Ethernet CRC register after the address (21140A, 4.2.3.1).</summary>
internal static class MulticastHash
{
    /// <summary>Bits in the table.</summary>
    public const int TableBits = 512;

    /// <summary>The CRC-32 polynomial of IEEE 802.3, 3.2.9, reflected.</summary>
    private const uint Polynomial = 0xEDB8_8320;

    /// <summary>Bit of the table, 0 to 511.</summary>
    public static int IndexOf(MacAddress address)
    {
        var crc = 0xFFFF_FFFFu;
        for (var shift = 40; shift >= 0; shift -= 8)
        {
            crc ^= (byte)(address.Value >> shift);
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ Polynomial : crc >> 1;
        }

        return (int)(crc & (TableBits - 1));
    }
}
