using System.Globalization;
using GuestOS.Kernel.Block;
using GuestOS.Machine;
using GuestOS.Machine.Block;

namespace GuestOS.Kernel.FileSystems.Iso9660;

/// <summary>Reads directories of one name tree: Rock Ridge, Joliet or plain.</summary>
internal sealed class IsoDirectoryReader
{
    /// <summary>Continuation areas of one record, which could go in circles.</summary>
    private const int MostContinuations = 32;

    private const uint UnixTypeMask = 0xF000;
    private const uint UnixDirectory = 0x4000;
    private const uint UnixFile = 0x8000;
    private const uint UnixLink = 0xA000;

    private readonly BlockReader _reader;
    private readonly IsoVolumeDescriptor _volume;
    private readonly ILog _log;

    /// <param name="reader">The medium.</param>
    /// <param name="volume">The descriptor of the tree.</param>
    /// <param name="rockRidgeSkip">Bytes to skip in system use areas; null without Rock Ridge.</param>
    /// <param name="log">Where names that are left out are reported.</param>
    public IsoDirectoryReader(BlockReader reader, IsoVolumeDescriptor volume, int? rockRidgeSkip, ILog log)
    {
        _reader = reader;
        _volume = volume;
        RockRidgeSkip = rockRidgeSkip;
        _log = log;
    }

    public int? RockRidgeSkip { get; }

    /// <summary>The root directory's node.</summary>
    public IsoNode MakeRoot() => new()
    {
        Name = "",
        Kind = FileNodeKind.Directory,
        Modified = _volume.RootModified,
        Inode = Position(_volume.RootExtent) + 1,
        Extents = [new IsoExtent(Position(_volume.RootExtent), _volume.RootLength)],
    };

    /// <summary>Reads the system use entries of the root's own record: does the volume have Rock Ridge?</summary>
    public async ValueTask<FileResult<SystemUse>> ReadRootSystemUseAsync(CancellationToken cancellationToken)
    {
        var sector = new byte[Math.Min(IsoFormat.SectorSize, _volume.RootLength)];
        BlockResult read = await _reader.ReadAsync(Position(_volume.RootExtent), sector, cancellationToken).ConfigureAwait(false);
        if (!read.IsSuccess)
            return DeviceError(read);
        return IsoDirectoryRecord.TryRead(sector, out IsoDirectoryRecord record) && record.IsSelf
            ? await ReadSystemUseAsync(record.SystemUse.ToArray(), cancellationToken).ConfigureAwait(false)
            : Corrupt("the root directory does not begin with itself");
    }

    /// <summary>Reads all entries of a directory.</summary>
    public async ValueTask<FileResult<FileListing>> ReadAsync(IsoNode directory, CancellationToken cancellationToken)
    {
        IsoExtent extent = directory.Extents[0];
        if (extent.Length > IsoFormat.LongestDirectory)
            return Corrupt(string.Create(CultureInfo.InvariantCulture, $"the directory '{directory.Name}' claims {extent.Length} bytes"));
        var bytes = new byte[extent.Length];
        BlockResult read = await _reader.ReadAsync(extent.Position, bytes, cancellationToken).ConfigureAwait(false);
        if (!read.IsSuccess)
            return DeviceError(read);

        var nodes = new List<FileNode>();
        PendingRecord? unfinished = null;
        int leftOut = 0;
        for (int offset = 0; offset < bytes.Length;)
        {
            int sectorEnd = Math.Min((offset / IsoFormat.SectorSize * IsoFormat.SectorSize) + IsoFormat.SectorSize, bytes.Length);
            if (bytes[offset] == 0)
            {
                offset = sectorEnd;
                continue;
            }

            if (!PendingRecord.TryRead(bytes.AsSpan(offset, sectorEnd - offset), extent.Position + (ulong)offset, _volume, out PendingRecord? record, out int length))
                return Corrupt(string.Create(CultureInfo.InvariantCulture, $"the record at byte {offset} of the directory '{directory.Name}' is damaged"));
            offset += length;
            if (record is null)
                continue;
            if (unfinished is not null && !unfinished.TryAppend(record))
                return Corrupt($"a file in the directory '{directory.Name}' is not continued");
            record = unfinished ?? record;
            unfinished = record.IsFinal ? null : record;
            if (!record.IsFinal)
                continue;
            FileResult<FileNode> node = await MakeNodeAsync(record, cancellationToken).ConfigureAwait(false);
            if (!node.IsSuccess)
                return node.Error;
            if (node.Value.Name.Length > 0)
                nodes.Add(node.Value);
            else
                leftOut += record.IsHidden ? 0 : 1;
        }

        if (unfinished is not null)
            return Corrupt($"the last file in the directory '{directory.Name}' is not continued");
        if (leftOut > 0)
            _log.Warning(string.Create(CultureInfo.InvariantCulture, $"ISO 9660: {leftOut} names in the directory '{directory.Name}' are impossible; they are left out."));
        return new FileListing(nodes);
    }

    private static FileError Corrupt(string what) => new(FileErrorKind.Corrupt, $"ISO 9660: {what}.");

    private static FileError DeviceError(BlockResult result) => new(FileErrorKind.Device, result.ToString());

    private ulong Position(uint block) => (ulong)block * (uint)_volume.BlockSize;

    /// <summary>The node of a record. A record that does not show, or whose name is impossible, gives a node without a name.</summary>
    private async ValueTask<FileResult<FileNode>> MakeNodeAsync(PendingRecord record, CancellationToken cancellationToken)
    {
        var node = new IsoNode
        {
            Name = IsoName.Decode(record.Name, _volume.IsJoliet),
            Kind = record.IsDirectory ? FileNodeKind.Directory : FileNodeKind.File,
            Size = record.IsDirectory ? 0 : record.Length,
            Modified = record.Modified,
            Inode = record.Position + 1,
            Permissions = record.IsDirectory ? 0x16Du : 0x124u, // 0555 and 0444
            Extents = record.Extents,
            Unreadable = record.IsInterleaved ? "it is interleaved with another file" : null,
        };
        if (RockRidgeSkip is { } skip)
        {
            FileResult<SystemUse> use = await ReadSystemUseAsync(record.SystemUse.Skip(skip).ToArray(), cancellationToken).ConfigureAwait(false);
            if (!use.IsSuccess)
                return use.Error;
            FileResult<IsoNode> applied = await ApplyAsync(node, use.Value, cancellationToken).ConfigureAwait(false);
            if (!applied.IsSuccess)
                return applied.Error;
            record.IsHidden = use.Value.IsRelocated;
            node = record.IsHidden ? node with { Name = "" } : applied.Value;
        }

        return IsoName.IsUsable(node.Name) ? node : node with { Name = "" };
    }

    private async ValueTask<FileResult<IsoNode>> ApplyAsync(IsoNode node, SystemUse use, CancellationToken cancellationToken)
    {
        if (use.ChildBlock is { } child)
        {
            FileResult<IsoExtent> moved = await FindMovedAsync(child, cancellationToken).ConfigureAwait(false);
            if (!moved.IsSuccess)
                return moved.Error;
            node = node with { Kind = FileNodeKind.Directory, Size = 0, Extents = [moved.Value] };
        }

        FileNodeKind kind = use.LinkTarget is not null && (use.Mode is null || (use.Mode & UnixTypeMask) == UnixLink) ? FileNodeKind.Link : node.Kind;
        string? unreadable = use.Mode is { } mode && (mode & UnixTypeMask) is not (0 or UnixDirectory or UnixFile or UnixLink)
            ? "it is a device, a pipe or a socket"
            : node.Unreadable;
        return node with
        {
            Name = use.Name ?? node.Name,
            Kind = kind,
            LinkTarget = kind == FileNodeKind.Link ? use.LinkTarget! : "",
            Size = kind == FileNodeKind.Link ? (ulong)use.LinkTarget!.Length : node.Size,
            Permissions = use.Mode is { } permissions ? permissions & 0xFFF : node.Permissions,
            Modified = use.Modified ?? node.Modified,
            Unreadable = unreadable,
        };
    }

    /// <summary>A moved directory's own first record tells its length.</summary>
    private async ValueTask<FileResult<IsoExtent>> FindMovedAsync(uint block, CancellationToken cancellationToken)
    {
        var head = new byte[256];
        BlockResult read = await _reader.ReadAsync(Position(block), head, cancellationToken).ConfigureAwait(false);
        if (!read.IsSuccess)
            return DeviceError(read);
        return IsoDirectoryRecord.TryRead(head, out IsoDirectoryRecord self) && self.IsSelf
            ? new IsoExtent(Position(block), self.DataLength)
            : Corrupt("a moved directory is not where its place says");
    }

    private async ValueTask<FileResult<SystemUse>> ReadSystemUseAsync(byte[] area, CancellationToken cancellationToken)
    {
        var use = new SystemUse();
        for (int i = 0; i < MostContinuations; i++)
        {
            if (!use.TryTake(area))
                return Corrupt("a system use entry is damaged");
            if (use.Continuation is not { } next)
                return use;

            // P1281 5.1: the area lies within one logical block.
            if (next.Offset > (uint)_volume.BlockSize || next.Length > (uint)_volume.BlockSize - next.Offset)
                return Corrupt("a continuation area leaves its block");
            area = new byte[next.Length];
            BlockResult read = await _reader.ReadAsync(Position(next.Block) + next.Offset, area, cancellationToken).ConfigureAwait(false);
            if (!read.IsSuccess)
                return DeviceError(read);
        }

        return Corrupt("a record has too many continuation areas");
    }
}
