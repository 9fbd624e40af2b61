namespace GuestOS.Kernel.FileSystems.Iso9660;

/// <summary>A directory record on its way to a node: its content may be spread over several records of the same name.</summary>
internal sealed class PendingRecord
{
    /// <summary>Pieces of one file; 4 GiB each.</summary>
    private const int MostExtents = 1024;

    private readonly List<IsoExtent> _extents = [];

    private PendingRecord(in IsoDirectoryRecord record, ulong position, IsoVolumeDescriptor volume)
    {
        Position = position;
        Name = record.Name.ToArray();
        SystemUse = record.SystemUse.ToArray();
        Modified = record.Modified;
        IsDirectory = (record.Flags & IsoRecordFlags.Directory) != 0;
        IsFinal = (record.Flags & IsoRecordFlags.NotFinal) == 0;
        IsInterleaved = record.IsInterleaved;
        _extents.Add(new IsoExtent((ulong)record.Extent * (uint)volume.BlockSize, record.DataLength));
        Length = record.DataLength;
    }

    /// <summary>Where the first record is, in bytes.</summary>
    public ulong Position { get; }

    public byte[] Name { get; }

    public byte[] SystemUse { get; }

    public DateTimeOffset Modified { get; }

    public bool IsDirectory { get; }

    public bool IsInterleaved { get; }

    /// <summary>No further record of the file follows.</summary>
    public bool IsFinal { get; private set; }

    /// <summary>It does not show in listings, on purpose.</summary>
    public bool IsHidden { get; set; }

    /// <summary>Bytes of the whole content.</summary>
    public ulong Length { get; private set; }

    public IReadOnlyList<IsoExtent> Extents => _extents;

    /// <summary>Reads the record at the start of the bytes. Records of "." and ".." and associated files give none.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, ulong position, IsoVolumeDescriptor volume, out PendingRecord? record, out int length)
    {
        record = null;
        length = 0;
        if (!IsoDirectoryRecord.TryRead(bytes, out IsoDirectoryRecord raw))
            return false;
        length = raw.Length;
        bool isDirectory = (raw.Flags & IsoRecordFlags.Directory) != 0;
        if (isDirectory && (raw.Flags & IsoRecordFlags.NotFinal) != 0)
            return false;
        if (!raw.IsSelf && !raw.IsParent && (raw.Flags & IsoRecordFlags.Associated) == 0)
            record = new PendingRecord(raw, position, volume);
        return true;
    }

    /// <summary>Takes the next piece; false when it is another file's.</summary>
    public bool TryAppend(PendingRecord next)
    {
        if (!next.Name.AsSpan().SequenceEqual(Name) || next.IsDirectory || _extents.Count >= MostExtents)
            return false;
        _extents.AddRange(next._extents);
        Length += next.Length;
        IsFinal = next.IsFinal;
        return true;
    }
}
