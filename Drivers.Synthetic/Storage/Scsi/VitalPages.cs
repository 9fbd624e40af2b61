using System.Buffers.Binary;
using GuestOS.Drivers.Synthetic.Storage.Protocol;

namespace GuestOS.Drivers.Synthetic.Storage.Scsi;

/// <summary>Vital product data pages: their content, bounded by what came.</summary>
internal static class VitalPages
{
    /// <summary>Longest unmap, where a device sets no limit.</summary>
    public const uint DefaultUnmapBlocks = 0x10_0000;

    /// <summary>The content of a page; false when this is not that page.</summary>
    public static bool TryOpen(ReadOnlySpan<byte> data, byte page, out ReadOnlySpan<byte> content)
    {
        content = default;
        if (data.Length < 4 || data[1] != page)
            return false;
        content = data.Slice(4, Math.Min(BinaryPrimitives.ReadUInt16BigEndian(data[2..]), data.Length - 4));
        return true;
    }

    /// <summary>Most blocks of one UNMAP range; 0 when the device does no UNMAP.</summary>
    public static uint ReadUnmapLimit(ReadOnlySpan<byte> data)
    {
        if (!TryOpen(data, ScsiConstants.VpdBlockLimits, out var content) || content.Length < 24)
            return 0;
        var blocks = BinaryPrimitives.ReadUInt32BigEndian(content[16..]);
        var ranges = BinaryPrimitives.ReadUInt32BigEndian(content[20..]);
        return ranges == 0 ? 0 : blocks;
    }

    /// <summary>LBPU of page 0xB2: UNMAP is known.</summary>
    public static bool ReadsUnmap(ReadOnlySpan<byte> data) =>
        TryOpen(data, ScsiConstants.VpdProvisioning, out var content) && content.Length >= 2 && (content[1] & 0x80) != 0;
}
