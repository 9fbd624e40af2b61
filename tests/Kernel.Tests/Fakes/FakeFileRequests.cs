using System.Collections.Concurrent;
using GuestOS.Kernel.Core;
using GuestOS.Kernel.Hardware;

namespace GuestOS.Kernel.Tests.Fakes;

/// <summary>File calls of a test: each is a request with a path, a buffer and an awaitable answer.</summary>
internal sealed class FakeFileRequests : IFileRequests
{
    private readonly BlockingCollection<FileRequest> _queue = [];
    private readonly ConcurrentDictionary<ulong, Pending> _pending = new();
    private long _lastId;

    public async Task<(long Result, ulong Position)> CallAsync(
        FileOperation operation, string path = "", uint flags = 0, ulong handle = 0, ulong offset = 0, Memory<byte> buffer = default)
    {
        var request = new FileRequest
        {
            Id = (ulong)Interlocked.Increment(ref _lastId),
            Operation = operation,
            Flags = flags,
            Handle = handle,
            Offset = offset,
            Length = (ulong)buffer.Length,
        };
        var pending = new Pending(path, buffer);
        _pending[request.Id] = pending;
        _queue.Add(request);
        return await pending.Answer.Task;
    }

    /// <summary>No more requests.</summary>
    public void Complete() => _queue.CompleteAdding();

    public bool TryTake(out FileRequest request) => _queue.TryTake(out request, Timeout.Infinite);

    public string PathOf(in FileRequest request) => _pending[request.Id].Path;

    public Memory<byte> BufferOf(in FileRequest request) => _pending[request.Id].Buffer;

    public void Reply(in FileRequest request, long result, ulong position = 0)
    {
        Assert.True(_pending.TryRemove(request.Id, out Pending? pending), "A request was answered twice.");
        pending.Answer.SetResult((result, position));
    }

    private sealed record Pending(string Path, Memory<byte> Buffer)
    {
        public TaskCompletionSource<(long Result, ulong Position)> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
