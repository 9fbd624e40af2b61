using System.Globalization;
using System.Text;
using GuestOS.Kernel.Core;
using GuestOS.Kernel.Hardware;
using GuestOS.Machine;

namespace GuestOS.Kernel.FileSystems.Serving;

/// <summary>
/// Serves the file calls of the framework from the mounted file systems. A thread of its own takes the requests; each is carried out
/// asynchronously, so that a slow disk holds up only those who read from it.
/// </summary>
internal sealed class FileServer
{
    /// <summary>Open files and directories at most.</summary>
    private const int MostHandles = 4096;

    /// <summary>Failures of media that are logged; after these they are only counted.</summary>
    private const int MostLogged = 50;

    private readonly IFileRequests _requests;
    private readonly MountTable _mounts;
    private readonly ILog _log;
    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, FilePlace> _handles = [];
    private ulong _lastHandle;
    private int _failures;

    public FileServer(IFileRequests requests, MountTable mounts, ILog log)
    {
        _requests = requests;
        _mounts = mounts;
        _log = log;
    }

    /// <summary>Open files and directories.</summary>
    public int HandleCount
    {
        get
        {
            lock (_lock)
                return _handles.Count;
        }
    }

    /// <summary>Starts serving.</summary>
    public void Start() => new Thread(Serve) { IsBackground = true, Name = "files" }.Start();

    /// <summary>Takes requests until there are no more.</summary>
    public void Serve()
    {
        while (_requests.TryTake(out FileRequest request))
            _ = ServeAsync(request);
    }

    /// <summary>Carries one request out and replies to it.</summary>
    public async Task ServeAsync(FileRequest request)
    {
        (long Result, ulong Position) answer;
        try
        {
            answer = await AnswerAsync(request).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // The caller must get an answer, or it waits for ever.
            _log.Error($"files: {request.Operation} failed: {exception}");
            answer = (-Errno.IoError, 0);
        }

        _requests.Reply(request, answer.Result, answer.Position);
    }

    private async ValueTask<(long Result, ulong Position)> AnswerAsync(FileRequest request) => request.Operation switch
    {
        FileOperation.Open => (await OpenAsync(request).ConfigureAwait(false), 0),
        FileOperation.Close => (Close(request.Handle), 0),
        FileOperation.Read => (await ReadAsync(request).ConfigureAwait(false), 0),
        FileOperation.StatusOfHandle => (StatusOfHandle(request), 0),
        FileOperation.StatusOfPath => (await StatusOfPathAsync(request).ConfigureAwait(false), 0),
        FileOperation.ReadDirectory => await ReadDirectoryAsync(request).ConfigureAwait(false),
        FileOperation.ReadLink => (await ReadLinkAsync(request).ConfigureAwait(false), 0),
        FileOperation.Access => (await AccessAsync(request).ConfigureAwait(false), 0),
        FileOperation.Modify => (await RefuseChangeAsync(_requests.PathOf(request)).ConfigureAwait(false), 0),
        _ => (-Errno.NotImplemented, 0),
    };

    private async ValueTask<long> OpenAsync(FileRequest request)
    {
        string path = _requests.PathOf(request);
        bool isChange = (request.Flags & (OpenFlags.AccessMask | OpenFlags.Truncate)) != 0;
        FileResult<FilePlace> found = await _mounts.FindAsync(path, (request.Flags & OpenFlags.NoFollow) == 0).ConfigureAwait(false);
        if (!found.IsSuccess)
        {
            return found.Error.Kind == FileErrorKind.NotFound && (request.Flags & OpenFlags.Create) != 0
                ? await RefuseChangeAsync(path).ConfigureAwait(false)
                : Fail(found.Error, path);
        }

        FileNode node = found.Value.Node;
        if (node.Kind == FileNodeKind.Link)
            return -Errno.LinkLoop;
        if (node.Kind != FileNodeKind.Directory && (request.Flags & OpenFlags.Directory) != 0)
            return -Errno.NotDirectory;
        if (isChange)
            return node.Kind == FileNodeKind.Directory ? -Errno.IsDirectory : -Errno.ReadOnlyFileSystem;
        lock (_lock)
        {
            if (_handles.Count >= MostHandles)
                return -Errno.TooManyOpen;
            _handles.Add(++_lastHandle, found.Value);
            return (long)_lastHandle;
        }
    }

    private long Close(ulong handle)
    {
        lock (_lock)
            return _handles.Remove(handle) ? 0 : -Errno.BadHandle;
    }

    private bool TryGet(ulong handle, out FilePlace place)
    {
        lock (_lock)
            return _handles.TryGetValue(handle, out place);
    }

    private async ValueTask<long> ReadAsync(FileRequest request)
    {
        if (!TryGet(request.Handle, out FilePlace place))
            return -Errno.BadHandle;
        FileResult<int> read = await place.FileSystem.ReadAsync(place.Node, request.Offset, _requests.BufferOf(request)).ConfigureAwait(false);
        return read.IsSuccess ? read.Value : Fail(read.Error, place.Node.Name);
    }

    private long StatusOfHandle(FileRequest request) =>
        TryGet(request.Handle, out FilePlace place) ? WriteStatus(place, request) : -Errno.BadHandle;

    private async ValueTask<long> StatusOfPathAsync(FileRequest request)
    {
        string path = _requests.PathOf(request);
        FileResult<FilePlace> found = await _mounts.FindAsync(path, (request.Flags & OpenFlags.AtNoFollow) == 0).ConfigureAwait(false);
        return found.IsSuccess ? WriteStatus(found.Value, request) : Fail(found.Error, path);
    }

    private long WriteStatus(FilePlace place, in FileRequest request) =>
        FileStatus.TryWrite(place.Node, _mounts.NumberOf(place.FileSystem), _requests.BufferOf(request).Span) ? 0 : -Errno.Invalid;

    private async ValueTask<(long Result, ulong Position)> ReadDirectoryAsync(FileRequest request)
    {
        if (!TryGet(request.Handle, out FilePlace place))
            return (-Errno.BadHandle, 0);
        if (place.Node.Kind != FileNodeKind.Directory)
            return (-Errno.NotDirectory, 0);
        FileResult<FileListing> listing = await place.FileSystem.ListAsync(place.Node).ConfigureAwait(false);
        if (!listing.IsSuccess)
            return (Fail(listing.Error, place.Node.Name), 0);
        long result = DirectoryEntryWriter.Write(place.Node, listing.Value, request.Offset, _requests.BufferOf(request).Span, out ulong next);
        return (result, next);
    }

    private async ValueTask<long> ReadLinkAsync(FileRequest request)
    {
        string path = _requests.PathOf(request);
        FileResult<FilePlace> found = await _mounts.FindAsync(path, followLast: false).ConfigureAwait(false);
        if (!found.IsSuccess)
            return Fail(found.Error, path);
        if (found.Value.Node.Kind != FileNodeKind.Link)
            return -Errno.Invalid;
        byte[] target = Encoding.UTF8.GetBytes(found.Value.Node.LinkTarget);
        Memory<byte> buffer = _requests.BufferOf(request);
        int count = Math.Min(target.Length, buffer.Length);
        target.AsMemory(0, count).CopyTo(buffer);
        return count;
    }

    private async ValueTask<long> AccessAsync(FileRequest request)
    {
        string path = _requests.PathOf(request);
        FileResult<FilePlace> found = await _mounts.FindAsync(path).ConfigureAwait(false);
        if (!found.IsSuccess)
            return Fail(found.Error, path);
        return (request.Flags & OpenFlags.AccessWrite) != 0 ? -Errno.ReadOnlyFileSystem : 0;
    }

    /// <summary>A change of a name: refused, but first with what is wrong with the way to it.</summary>
    private async ValueTask<long> RefuseChangeAsync(string path)
    {
        string trimmed = path.TrimEnd('/');
        int slash = trimmed.LastIndexOf('/');
        FileResult<FilePlace> parent = await _mounts.FindAsync(slash <= 0 ? "/" : trimmed[..slash]).ConfigureAwait(false);
        if (!parent.IsSuccess)
            return Fail(parent.Error, path);
        return parent.Value.Node.Kind == FileNodeKind.Directory ? -Errno.ReadOnlyFileSystem : -Errno.NotDirectory;
    }

    private long Fail(FileError error, string path)
    {
        if (error.Kind is FileErrorKind.Corrupt or FileErrorKind.Device)
        {
            int count = Interlocked.Increment(ref _failures);
            if (count <= MostLogged)
                _log.Error($"files: {path}: {error}");
            if (count == MostLogged)
                _log.Error(string.Create(CultureInfo.InvariantCulture, $"files: {MostLogged} failures; further ones are not logged."));
        }

        return -FileErrnos.Of(error.Kind);
    }
}
