using System.Buffers.Binary;

namespace GuestOS.Sandbox.Tulip;

/// <summary>Makes contents of serial ROMs (DEC serial ROM format 4.0), right or wrong.</summary>
public sealed class TulipSromBuilder
{
    private const int LeafOffset = 30;

    /// <summary>Format version at byte 18.</summary>
    public byte Version { get; init; } = 4;

    /// <summary>The address.</summary>
    public byte[] Address { get; init; } = [0x00, 0x15, 0x5D, 0x01, 0x02, 0x03];

    /// <summary>Default medium; 0x0800 is "try".</summary>
    public ushort Medium { get; init; } = 0x0800;

    /// <summary>General purpose direction (21140); null leaves the byte out (21143).</summary>
    public byte? Direction { get; init; }

    /// <summary>Media blocks as bytes.</summary>
    public byte[][] Blocks { get; init; } = [];

    /// <summary>What the count says, when it is not the number of blocks.</summary>
    public byte? BlockCount { get; init; }

    /// <summary>Where the leaf is said to be, when it is not there.</summary>
    public ushort? Leaf { get; init; }

    /// <summary>A MII block of the 21140: PHY 1, no sequences, everything offered.</summary>
    public static byte[] Mii21140 { get; } = [0x8C, 0x01, 0x01, 0x00, 0x00, 0x00, 0x78, 0xE0, 0x01, 0x00, 0x50, 0x00, 0x18];

    /// <summary>A MII block of the 21143, as QEMU's adapter has it: PHY 0, which means the one that is there.</summary>
    public static byte[] Mii21143 { get; } = [0x8D, 0x03, 0x00, 0x00, 0x00, 0x00, 0x78, 0xE0, 0x01, 0x00, 0x50, 0x00, 0x18, 0x00];

    /// <summary>The 128 bytes, with a right checksum.</summary>
    public byte[] Build()
    {
        var image = new byte[128];
        image[18] = Version;
        image[19] = 1;
        Address.CopyTo(image, 20);
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(27), Leaf ?? LeafOffset);
        var place = LeafOffset;
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(place), Medium);
        place += 2;
        if (Direction is { } direction)
            image[place++] = direction;
        image[place++] = BlockCount ?? (byte)Blocks.Length;
        foreach (var block in Blocks)
        {
            block.CopyTo(image, place);
            place += block.Length;
        }

        Seal(image);
        return image;
    }

    /// <summary>Writes the checksum over whatever the image holds.</summary>
    public static void Seal(byte[] image)
    {
        ArgumentNullException.ThrowIfNull(image);
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(126), Checksum(image.AsSpan(0, 126)));
    }

    /// <summary>Low half of the CRC-32 of IEEE 802.3, bit after bit.</summary>
    private static ushort Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = 0xFFFF_FFFFu;
        foreach (var value in bytes)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var feedback = (crc >> 31) ^ ((uint)(value >> bit) & 1);
                crc = (crc << 1) ^ (feedback != 0 ? 0x04C1_1DB7u : 0);
            }
        }

        var mirrored = 0u;
        for (var i = 0; i < 32; i++)
            mirrored |= ((crc >> i) & 1) << (31 - i);
        return (ushort)~mirrored;
    }
}
