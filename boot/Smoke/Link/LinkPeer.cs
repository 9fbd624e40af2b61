using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Threading.Channels;

namespace GuestOS.Boot.Smoke.Link;

/// <summary>The other end of a guest's network cable: sends frames, and sorts those that arrive.</summary>
internal sealed class LinkPeer : IAsyncDisposable
{
    private const int BufferSize = 256 << 10;

    /// <summary>Frames are at most this long on any cable.</summary>
    private const int MostBytes = 64 << 10;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly Channel<byte[]> _announcements = Channel.CreateUnbounded<byte[]>();
    private readonly ConcurrentDictionary<ushort, TaskCompletionSource<byte[]>> _answers = new();
    private NetworkStream? _stream;
    private Task _reading = Task.CompletedTask;
    private int _tag;

    /// <summary>Makes the cable's end.</summary>
    /// <param name="path">Path of the socket; nothing is there yet.</param>
    public LinkPeer(string path)
    {
        Path = path;
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen(1);
    }

    /// <summary>Path of the socket.</summary>
    public string Path { get; }

    /// <summary>This end's hardware address.</summary>
    public byte[] Address { get; } = [0x02, 0x47, 0x4F, 0x53, 0x00, 0x01];

    /// <summary>The guest's.</summary>
    public byte[] Guest { get; init; } = [0x52, 0x54, 0x00, 0x12, 0x34, 0x56];

    /// <summary>Called with every numbered frame and every credit, on the reading thread; the bytes are valid during the call.</summary>
    public Action<ReadOnlyMemory<byte>>? OnBurst { get; set; }

    /// <summary>Waits for the machine to plug in, and reads from then on.</summary>
    public async Task AcceptAsync(CancellationToken cancellationToken)
    {
        var socket = await _listener.AcceptAsync(cancellationToken).ConfigureAwait(false);
        _stream = new NetworkStream(socket, ownsSocket: true);
        _reading = ReadAsync(_stream);
    }

    /// <summary>Sends a frame.</summary>
    public Task SendAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellationToken)
    {
        var bytes = new byte[4 + frame.Length];
        BinaryPrimitives.WriteInt32BigEndian(bytes, frame.Length);
        frame.CopyTo(bytes.AsMemory(4));
        return SendRawAsync(bytes, cancellationToken);
    }

    /// <summary>Sends bytes that hold whole frames, each after its length.</summary>
    public async Task SendRawAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await _stream!.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Asks the guest for something and waits for its answer.</summary>
    /// <param name="kind">What is asked.</param>
    /// <param name="length">Length of the frame.</param>
    /// <param name="write">Writes the body.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<byte[]> AskAsync(LinkKind kind, int length, Action<byte[]>? write, CancellationToken cancellationToken)
    {
        var tag = (ushort)Interlocked.Increment(ref _tag);
        var frame = new byte[length];
        LinkProtocol.WriteHeader(frame, Guest, Address, kind, tag);
        write?.Invoke(frame);
        var answer = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        _answers[tag] = answer;
        await SendAsync(frame, cancellationToken).ConfigureAwait(false);
        return await answer.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The next announcement.</summary>
    public ValueTask<byte[]> NextAnnouncementAsync(CancellationToken cancellationToken) => _announcements.Reader.ReadAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        if (_stream is not null)
            await _stream.DisposeAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(false);
        _sending.Dispose();
    }

    private async Task ReadAsync(NetworkStream stream)
    {
        var buffer = new byte[BufferSize];
        var filled = 0;
        try
        {
            while (await stream.ReadAsync(buffer.AsMemory(filled)).ConfigureAwait(false) is > 0 and var count)
            {
                filled += count;
                var taken = TakeFrames(buffer.AsMemory(0, filled));
                buffer.AsSpan(taken, filled - taken).CopyTo(buffer);
                filled -= taken;
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The machine has ended, or this end is being disposed of: there is nothing more to read.
            Fail(e.Message);
        }

        Fail("the machine has unplugged its cable");
    }

    private int TakeFrames(ReadOnlyMemory<byte> bytes)
    {
        var taken = 0;
        while (bytes.Length - taken >= 4)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(bytes.Span[taken..]);
            if (length is < 0 or > MostBytes)
                throw new IOException($"a frame of {length} bytes");
            if (bytes.Length - taken - 4 < length)
                break;
            Dispatch(bytes.Slice(taken + 4, length));
            taken += 4 + length;
        }

        return taken;
    }

    private void Dispatch(ReadOnlyMemory<byte> frame)
    {
        var bytes = frame.Span;
        if (bytes.Length < 14)
            return;
        if (LinkProtocol.TypeOf(bytes) == LinkProtocol.AnnouncementType)
        {
            _announcements.Writer.TryWrite(frame.ToArray());
            return;
        }

        if (LinkProtocol.TypeOf(bytes) != LinkProtocol.EtherType || bytes.Length < LinkProtocol.Shortest)
            return;
        if (LinkProtocol.KindOf(bytes) is LinkKind.Burst or LinkKind.Credit)
            OnBurst?.Invoke(frame);
        else if (_answers.TryRemove(LinkProtocol.TagOf(bytes), out var answer))
            answer.SetResult(frame.ToArray());
    }

    private void Fail(string reason)
    {
        _announcements.Writer.TryComplete(new IOException(reason));
        foreach (var answer in _answers.Values)
            answer.TrySetException(new IOException(reason));
    }
}
