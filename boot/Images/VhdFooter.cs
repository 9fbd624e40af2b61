using System.Buffers.Binary;

namespace GuestOS.Boot.Images;

/// <summary>The footer that makes a raw disk a fixed VHD (Microsoft "Virtual Hard Disk Image Format Specification" 1.0).</summary>
internal static class VhdFooter
{
    /// <summary>Bytes of the footer.</summary>
    public const int Size = 512;

    private const uint FixedDisk = 2;

    /// <summary>Seconds from 1 January 2000 (the format's epoch) to the fixed time of all media.</summary>
    private static readonly uint FixedTimeStamp =
        (uint)(MediumContent.FixedTime - new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero)).TotalSeconds;

    private static ReadOnlySpan<byte> Cookie => "conectix"u8;

    /// <summary>Whether a block is a VHD footer.</summary>
    public static bool HasCookie(ReadOnlySpan<byte> block) => block.StartsWith(Cookie);

    /// <summary>Makes the footer.</summary>
    /// <param name="length">The disk's bytes.</param>
    /// <param name="id">The disk's identity.</param>
    public static byte[] Create(long length, Guid id)
    {
        var footer = new byte[Size];
        Cookie.CopyTo(footer);
        BinaryPrimitives.WriteUInt32BigEndian(footer.AsSpan(8), 2);
        BinaryPrimitives.WriteUInt32BigEndian(footer.AsSpan(12), 0x00010000);
        BinaryPrimitives.WriteUInt64BigEndian(footer.AsSpan(16), ulong.MaxValue);
        BinaryPrimitives.WriteUInt32BigEndian(footer.AsSpan(24), FixedTimeStamp);

        // Readers that do not know the creator compute the size from the geometry, which rounds it down; Windows' name they all know.
        "win "u8.CopyTo(footer.AsSpan(28));
        BinaryPrimitives.WriteUInt32BigEndian(footer.AsSpan(32), 0x00060001);
        "Wi2k"u8.CopyTo(footer.AsSpan(36));
        BinaryPrimitives.WriteInt64BigEndian(footer.AsSpan(40), length);
        BinaryPrimitives.WriteInt64BigEndian(footer.AsSpan(48), length);
        BinaryPrimitives.WriteUInt32BigEndian(footer.AsSpan(56), Geometry(length / 512));
        BinaryPrimitives.WriteUInt32BigEndian(footer.AsSpan(60), FixedDisk);
        id.TryWriteBytes(footer.AsSpan(68));
        uint sum = 0;
        foreach (var value in footer)
            sum += value;
        BinaryPrimitives.WriteUInt32BigEndian(footer.AsSpan(64), ~sum);
        return footer;
    }

    /// <summary>Cylinders, heads and sectors as the specification's appendix computes them.</summary>
    private static uint Geometry(long blocks)
    {
        blocks = Math.Min(blocks, 65535L * 16 * 255);
        long sectors, heads, cylindersTimesHeads;
        if (blocks >= 65535L * 16 * 63)
        {
            sectors = 255;
            heads = 16;
            cylindersTimesHeads = blocks / sectors;
        }
        else
        {
            sectors = 17;
            cylindersTimesHeads = blocks / sectors;
            heads = Math.Max(4, (cylindersTimesHeads + 1023) / 1024);
            if (cylindersTimesHeads >= heads * 1024 || heads > 16)
            {
                sectors = 31;
                heads = 16;
                cylindersTimesHeads = blocks / sectors;
            }

            if (cylindersTimesHeads >= heads * 1024)
            {
                sectors = 63;
                heads = 16;
                cylindersTimesHeads = blocks / sectors;
            }
        }

        return ((uint)(cylindersTimesHeads / heads) << 16) | ((uint)heads << 8) | (uint)sectors;
    }
}
