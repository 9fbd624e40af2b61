using System.Buffers.Binary;
using GuestOS.Drivers.Synthetic.Storage.Protocol;

namespace GuestOS.Drivers.Synthetic.Storage.Scsi;

/// <summary>Writes command descriptor blocks into 16 zeroed bytes; each returns its length.</summary>
internal static class CommandBlock
{
    /// <summary>READ or WRITE: the ten-byte form where it reaches, sixteen bytes beyond.</summary>
    public static byte Transfer(Span<byte> cdb, bool isRead, ulong block, uint count)
    {
        if (block + count <= uint.MaxValue && count <= ushort.MaxValue)
        {
            cdb[0] = (byte)(isRead ? ScsiOpcode.Read10 : ScsiOpcode.Write10);
            BinaryPrimitives.WriteUInt32BigEndian(cdb[2..], (uint)block);
            BinaryPrimitives.WriteUInt16BigEndian(cdb[7..], (ushort)count);
            return 10;
        }

        cdb[0] = (byte)(isRead ? ScsiOpcode.Read16 : ScsiOpcode.Write16);
        BinaryPrimitives.WriteUInt64BigEndian(cdb[2..], block);
        BinaryPrimitives.WriteUInt32BigEndian(cdb[10..], count);
        return 16;
    }

    /// <summary>SYNCHRONIZE CACHE of everything.</summary>
    public static byte Flush(Span<byte> cdb)
    {
        cdb[0] = (byte)ScsiOpcode.SynchronizeCache10;
        return 10;
    }

    /// <summary>UNMAP with a parameter list of <see cref="UnmapListLength"/>.</summary>
    public static byte Unmap(Span<byte> cdb)
    {
        cdb[0] = (byte)ScsiOpcode.Unmap;
        BinaryPrimitives.WriteUInt16BigEndian(cdb[7..], UnmapListLength);
        return 10;
    }

    /// <summary>Header and one descriptor (SBC-3, 5.28.2).</summary>
    public const int UnmapListLength = 24;

    /// <summary>The parameter list of one range.</summary>
    public static void WriteUnmapList(Span<byte> list, ulong block, uint count)
    {
        list[..UnmapListLength].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(list, UnmapListLength - 2);
        BinaryPrimitives.WriteUInt16BigEndian(list[2..], 16);
        BinaryPrimitives.WriteUInt64BigEndian(list[8..], block);
        BinaryPrimitives.WriteUInt32BigEndian(list[16..], count);
    }

    /// <summary>INQUIRY, of a vital page when there is a number.</summary>
    public static byte Inquiry(Span<byte> cdb, byte? page, int length)
    {
        cdb[0] = (byte)ScsiOpcode.Inquiry;
        cdb[1] = page is null ? (byte)0 : (byte)1;
        cdb[2] = page ?? 0;
        BinaryPrimitives.WriteUInt16BigEndian(cdb[3..], (ushort)length);
        return 6;
    }

    /// <summary>REPORT LUNS.</summary>
    public static byte ReportLuns(Span<byte> cdb, int length)
    {
        cdb[0] = (byte)ScsiOpcode.ReportLuns;
        BinaryPrimitives.WriteUInt32BigEndian(cdb[6..], (uint)length);
        return 12;
    }

    /// <summary>READ CAPACITY(10).</summary>
    public static byte ReadCapacity10(Span<byte> cdb)
    {
        cdb[0] = (byte)ScsiOpcode.ReadCapacity10;
        return 10;
    }

    /// <summary>READ CAPACITY(16).</summary>
    public static byte ReadCapacity16(Span<byte> cdb, int length)
    {
        cdb[0] = (byte)ScsiOpcode.ServiceActionIn16;
        cdb[1] = ScsiConstants.ReadCapacity16Action;
        BinaryPrimitives.WriteUInt32BigEndian(cdb[10..], (uint)length);
        return 16;
    }

    /// <summary>MODE SENSE(6) without block descriptors.</summary>
    public static byte ModeSense6(Span<byte> cdb, byte page, int length)
    {
        cdb[0] = (byte)ScsiOpcode.ModeSense6;
        cdb[1] = 8;
        cdb[2] = page;
        cdb[4] = (byte)length;
        return 6;
    }

    /// <summary>START STOP UNIT: load and eject.</summary>
    public static byte Eject(Span<byte> cdb)
    {
        cdb[0] = (byte)ScsiOpcode.StartStopUnit;
        cdb[4] = 2;
        return 6;
    }

    /// <summary>PREVENT ALLOW MEDIUM REMOVAL: allow.</summary>
    public static byte Allow(Span<byte> cdb)
    {
        cdb[0] = (byte)ScsiOpcode.PreventAllow;
        return 6;
    }

    /// <summary>TEST UNIT READY.</summary>
    public static byte TestUnitReady(Span<byte> cdb)
    {
        cdb[0] = (byte)ScsiOpcode.TestUnitReady;
        return 6;
    }
}
