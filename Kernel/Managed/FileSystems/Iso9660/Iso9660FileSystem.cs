using System.Globalization;
using GuestOS.Kernel.Block;
using GuestOS.Machine;
using GuestOS.Machine.Block;

namespace GuestOS.Kernel.FileSystems.Iso9660;

/// <summary>
/// An ISO 9660 volume. Names come from Rock Ridge where it is there, else from Joliet, else they are the plain ones.
/// </summary>
internal sealed class Iso9660FileSystem : IFileSystem
{
    /// <summary>Directories that are kept in memory, and entries of all of them together.</summary>
    private const int MostCachedDirectories = 64;
    private const int MostCachedEntries = 8192;

    private readonly BlockReader _reader;
    private readonly IsoDirectoryReader _directories;
    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, FileListing> _cache = [];
    private readonly Queue<ulong> _cacheOrder = new();
    private int _cachedEntries;

    private Iso9660FileSystem(BlockReader reader, IsoDirectoryReader directories, string label, string names)
    {
        _reader = reader;
        _directories = directories;
        Label = label;
        Format = $"ISO 9660 ({names})";
        Root = directories.MakeRoot();
    }

    public string Format { get; }

    public string Label { get; }

    public FileNode Root { get; }

    /// <summary>
    /// Opens the volume of a device. The error is <see cref="FileErrorKind.NotFound"/> when the device holds none, and
    /// <see cref="FileErrorKind.Corrupt"/> when it holds a damaged one.
    /// </summary>
    public static async Task<FileResult<Iso9660FileSystem>> OpenAsync(IBlockDevice device, ILog log, CancellationToken cancellationToken = default)
    {
        var reader = new BlockReader(device);
        FileResult<IsoDescriptors> descriptors = await IsoDescriptors.ReadAsync(reader, cancellationToken).ConfigureAwait(false);
        if (!descriptors.IsSuccess)
            return descriptors.Error;
        IsoVolumeDescriptor primary = descriptors.Value.Primary;
        if ((ulong)primary.BlockCount * (uint)primary.BlockSize > reader.Length)
        {
            log.Warning(string.Create(
                CultureInfo.InvariantCulture,
                $"{device.Name}: the ISO 9660 volume has {(ulong)primary.BlockCount * (uint)primary.BlockSize} bytes and the medium only {reader.Length}: it is truncated. Files at its end cannot be read."));
        }

        var plain = new IsoDirectoryReader(reader, primary, null, log);
        FileResult<SystemUse> root = await plain.ReadRootSystemUseAsync(cancellationToken).ConfigureAwait(false);
        if (root.IsSuccess && root.Value.Skip is { } skip && (root.Value.HasRockRidgeReference || root.Value.Mode is not null))
            return Make(reader, new IsoDirectoryReader(reader, primary, skip, log), primary, "Rock Ridge");
        if (descriptors.Value.Joliet is { } joliet)
            return Make(reader, new IsoDirectoryReader(reader, joliet, null, log), joliet, "Joliet");
        return root.IsSuccess || root.Error.Kind == FileErrorKind.Corrupt ? Make(reader, plain, primary, "plain names") : root.Error;
    }

    public async ValueTask<FileResult<FileListing>> ListAsync(FileNode directory, CancellationToken cancellationToken = default)
    {
        if (directory is not IsoNode { Kind: FileNodeKind.Directory } node)
            return new FileError(FileErrorKind.NotDirectory, $"'{directory.Name}' is not a directory.");
        ulong key = node.Extents[0].Position;
        lock (_lock)
        {
            if (_cache.TryGetValue(key, out FileListing? cached))
                return cached;
        }

        FileResult<FileListing> listing = await _directories.ReadAsync(node, cancellationToken).ConfigureAwait(false);
        if (listing.IsSuccess)
            Remember(key, listing.Value);
        return listing;
    }

    public async ValueTask<FileResult<FileNode>> FindAsync(FileNode directory, string name, CancellationToken cancellationToken = default)
    {
        FileResult<FileListing> listing = await ListAsync(directory, cancellationToken).ConfigureAwait(false);
        if (!listing.IsSuccess)
            return listing.Error;
        return listing.Value.TryFind(name, out FileNode? node) ? node : new FileError(FileErrorKind.NotFound, $"There is no '{name}'.");
    }

    public async ValueTask<FileResult<int>> ReadAsync(FileNode file, ulong offset, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        if (file is not IsoNode { Kind: FileNodeKind.File } node)
            return new FileError(FileErrorKind.IsDirectory, $"'{file.Name}' is not a file.");
        if (node.Unreadable is not null)
            return new FileError(FileErrorKind.Corrupt, $"'{file.Name}' cannot be read: {node.Unreadable}.");
        int total = 0;
        ulong start = 0;
        foreach (IsoExtent extent in node.Extents)
        {
            ulong end = start + extent.Length;
            if (offset < end && total < destination.Length)
            {
                int count = (int)Math.Min((ulong)(destination.Length - total), end - offset);
                ulong position = extent.Position + (offset - start);
                if (position > _reader.Length || (ulong)count > _reader.Length - position)
                    return new FileError(FileErrorKind.Corrupt, $"'{file.Name}' lies beyond the end of the medium: the image is truncated or damaged.");
                BlockResult read = await _reader.ReadAsync(position, destination.Slice(total, count), cancellationToken).ConfigureAwait(false);
                if (!read.IsSuccess)
                    return new FileError(FileErrorKind.Device, $"'{file.Name}': {read.Error}");
                total += count;
                offset += (ulong)count;
            }

            start = end;
        }

        return total;
    }

    private static FileResult<Iso9660FileSystem> Make(BlockReader reader, IsoDirectoryReader directories, IsoVolumeDescriptor volume, string names) =>
        new Iso9660FileSystem(reader, directories, volume.Label, names);

    private void Remember(ulong key, FileListing listing)
    {
        if (listing.Nodes.Count > MostCachedEntries)
            return;
        lock (_lock)
        {
            if (!_cache.TryAdd(key, listing))
                return;
            _cacheOrder.Enqueue(key);
            _cachedEntries += listing.Nodes.Count;
            while (_cache.Count > MostCachedDirectories || _cachedEntries > MostCachedEntries)
            {
                ulong oldest = _cacheOrder.Dequeue();
                _cachedEntries -= _cache[oldest].Nodes.Count;
                _cache.Remove(oldest);
            }
        }
    }
}
