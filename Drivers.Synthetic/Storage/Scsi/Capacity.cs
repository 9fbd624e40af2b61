using System.Buffers.Binary;

namespace GuestOS.Drivers.Synthetic.Storage.Scsi;

/// <summary>Size of a medium.</summary>
/// <param name="BlockCount">Logical blocks.</param>
/// <param name="BlockSize">Bytes of each: a power of two from 512 to 64 KiB.</param>
/// <param name="PhysicalBlockSize">Bytes of a physical block.</param>
internal readonly record struct Capacity(ulong BlockCount, int BlockSize, int PhysicalBlockSize)
{
    private const int LargestBlock = 64 * 1024;

    /// <summary>Offsets in bytes stay below 2^63.</summary>
    private const ulong MostBytes = long.MaxValue;

    /// <summary>Reads READ CAPACITY(10) data. <paramref name="isTooLarge"/> says that only (16) can tell the size.</summary>
    public static bool TryRead10(ReadOnlySpan<byte> data, out Capacity capacity, out bool isTooLarge)
    {
        capacity = default;
        isTooLarge = false;
        if (data.Length < 8)
            return false;
        var last = BinaryPrimitives.ReadUInt32BigEndian(data);
        isTooLarge = last == uint.MaxValue;
        return TryMake((ulong)last + 1, BinaryPrimitives.ReadUInt32BigEndian(data[4..]), 0, out capacity);
    }

    /// <summary>Reads READ CAPACITY(16) data (SBC-3, 5.16.2).</summary>
    public static bool TryRead16(ReadOnlySpan<byte> data, out Capacity capacity)
    {
        capacity = default;
        if (data.Length < 12)
            return false;
        var last = BinaryPrimitives.ReadUInt64BigEndian(data);
        return last != ulong.MaxValue
            && TryMake(last + 1, BinaryPrimitives.ReadUInt32BigEndian(data[8..]), data.Length > 13 ? data[13] & 0xF : 0, out capacity);
    }

    private static bool TryMake(ulong count, uint size, int physicalExponent, out Capacity capacity)
    {
        capacity = default;
        if (size is < 512 or > LargestBlock || !uint.IsPow2(size) || count > MostBytes / size)
            return false;
        var physical = (ulong)size << physicalExponent;
        capacity = new Capacity(count, (int)size, physical <= 1 << 20 ? (int)physical : (int)size);
        return true;
    }
}
