using System.Buffers.Binary;

namespace GuestOS.Drivers.Synthetic.Storage.Scsi;

/// <summary>REPORT LUNS data.</summary>
internal static class LunList
{
    /// <summary>Bytes that hold all logical units of a target.</summary>
    public const int Room = 8 + (256 * 8);

    /// <summary>
    /// Reads the numbers that this driver can address (0 to 255, SAM peripheral form on bus 0), each once. False when the list is malformed.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> data, SortedSet<byte> luns)
    {
        if (data.Length < 8)
            return false;
        var length = Math.Min(BinaryPrimitives.ReadUInt32BigEndian(data), (uint)(data.Length - 8));
        for (var offset = 8; offset + 8 <= 8 + (int)length; offset += 8)
        {
            var entry = data.Slice(offset, 8);
            if (entry[0] == 0 && !entry[2..].ContainsAnyExcept((byte)0))
                luns.Add(entry[1]);
        }

        return true;
    }
}
