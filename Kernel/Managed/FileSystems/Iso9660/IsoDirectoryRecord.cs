namespace GuestOS.Kernel.FileSystems.Iso9660;

/// <summary>Bits of a directory record's flags (9.1.6).</summary>
[Flags]
internal enum IsoRecordFlags : byte
{
    None = 0,
    Hidden = 1,
    Directory = 2,
    Associated = 4,

    /// <summary>Another record of the same file follows.</summary>
    NotFinal = 0x80,
}

/// <summary>One directory record (9.1), checked against itself.</summary>
internal readonly ref struct IsoDirectoryRecord
{
    private const int FixedLength = 33;

    private IsoDirectoryRecord(ReadOnlySpan<byte> bytes, uint extent, uint length)
    {
        Length = bytes.Length;
        Extent = extent + bytes[1];
        DataLength = length;
        Modified = IsoTime.ReadShort(bytes[18..]);
        Flags = (IsoRecordFlags)bytes[25];
        IsInterleaved = bytes[26] != 0 || bytes[27] != 0;
        int nameLength = bytes[32];
        Name = bytes.Slice(FixedLength, nameLength);
        int systemUse = FixedLength + nameLength + (~nameLength & 1);
        SystemUse = systemUse < bytes.Length ? bytes[systemUse..] : [];
    }

    /// <summary>Bytes of the whole record.</summary>
    public int Length { get; }

    /// <summary>First logical block of the content; an extended attribute record is skipped.</summary>
    public uint Extent { get; }

    /// <summary>Bytes of the content.</summary>
    public uint DataLength { get; }

    public DateTimeOffset Modified { get; }

    public IsoRecordFlags Flags { get; }

    /// <summary>The content is interleaved with another file's (6.4.3): no medium of today is.</summary>
    public bool IsInterleaved { get; }

    /// <summary>Name as it is written: ASCII, or UCS-2 of Joliet, or one byte 0 or 1 for "." and "..".</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>What follows the name: SUSP entries.</summary>
    public ReadOnlySpan<byte> SystemUse { get; }

    public bool IsSelf => Name.Length == 1 && Name[0] == 0;

    public bool IsParent => Name.Length == 1 && Name[0] == 1;

    /// <summary>Reads the record at the start of the bytes, which end with the sector; false when it is damaged.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out IsoDirectoryRecord record)
    {
        record = default;
        if (bytes.Length <= FixedLength)
            return false;
        int length = bytes[0];
        int nameLength = bytes[32];
        if (length > bytes.Length || nameLength == 0 || FixedLength + nameLength > length
            || !IsoFormat.TryReadBoth32(bytes[2..], out uint extent)
            || !IsoFormat.TryReadBoth32(bytes[10..], out uint dataLength)
            || extent > uint.MaxValue - byte.MaxValue)
        {
            return false;
        }

        record = new IsoDirectoryRecord(bytes[..length], extent, dataLength);
        return true;
    }
}
