using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using GuestOS.Drivers.Synthetic.Network.Protocol;
using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Machine;
using GuestOS.Machine.Block;
using GuestOS.Machine.Drivers;
using GuestOS.Machine.Network;
using GuestOS.Machine.Queues;

namespace GuestOS.Drivers.Synthetic.Network;

/// <summary>
/// One adapter. It outlives the openings of its channel (<see cref="NetvscSession"/>): while there is none, or frames are held, senders wait.
/// Once the host takes the channel back it is gone.
/// LOCKING: <c>_gate</c> guards the session, holds, waiting senders, slots and sections; the channel's own lock is taken inside of it, nothing
/// else. Frames and results are handed out after it is released.
/// </summary>
internal sealed partial class NetvscAdapter : INetworkPath, ISendRequestOwner
{
    private const int SendFrames = 128;
    private const int ReceiveFrames = 384;
    private const uint UnitsPerMegabit = 10_000;

    private readonly Lock _gate = new();
    private readonly VmBusChannel _channel;
    private readonly DriverContext _context;
    private readonly NetvscOptions _options;
    private readonly ReceiveQueue _receiveQueue;
    private FramePool? _sendPool;
    private FramePool? _receivePool;
    private NetvscSession? _session;
    private Hold _holds = Hold.Closed;
    private LinkStatus _link;
    private NetworkOffloads _offloads;
    private int _mtu;
    private volatile bool _isReceiving;
    private string? _goneBecause;

    public NetvscAdapter(string name, VmBusChannel channel, DriverContext context, NetvscOptions options)
    {
        Name = name;
        _channel = channel;
        _context = context;
        _options = options;
        _mtu = options.Mtu;
        _receiveQueue = new ReceiveQueue(options.ContinueInline);
        _waiting = new SendQueue(this, options.ContinueInline);
    }

    public event Action<LinkStatus>? LinkChanged;

    /// <summary>Why frames are held back.</summary>
    [Flags]
    internal enum Hold
    {
        None = 0,

        /// <summary>Not started yet.</summary>
        Closed = 1,

        /// <summary>Another device has the link.</summary>
        Quiesced = 2,

        /// <summary>The driver is suspended.</summary>
        Suspended = 4,
    }

    public string Name { get; }

    public string Model => "Hyper-V network adapter";

    public PathRank Rank => PathRank.Synthetic;

    public MacAddress Address { get; private set; }

    public int Mtu => Volatile.Read(ref _mtu);

    public NetworkOffloads Offloads
    {
        get
        {
            lock (_gate)
                return _offloads;
        }
    }

    public LinkStatus Link
    {
        get
        {
            lock (_gate)
                return _link;
        }
    }

    public NetworkStatistics Statistics => Tally.Statistics;

    public IReadOnlyList<NetworkCounter> Counters => Tally.List();

    public NetvscTally Tally { get; } = new();

    /// <summary>Version that was agreed on, for people and tests.</summary>
    public NvspVersion Version => _session?.Version ?? default;

    /// <summary>Channels that are open.</summary>
    public int Queues => _session?.OpenQueues ?? 0;

    internal NetvscSession? Session => _session;

    /// <summary>What it does with frames; does not change under the lock.</summary>
    internal AdapterState State => _goneBecause is not null ? AdapterState.Gone
        : _session is null || _holds != Hold.None ? AdapterState.Held
        : AdapterState.Flowing;

    /// <summary>Frames wait to be taken.</summary>
    internal bool HasReceived => _receiveQueue.Count != 0;

    /// <summary>Frames are wanted.</summary>
    internal bool IsReceiving => _isReceiving;

    /// <summary>Bytes of the longest frame that can be received.</summary>
    internal int LongestReceived => _receivePool?.Capacity ?? 0;

    public bool TryRent([NotNullWhen(true)] out Frame? frame) => _sendPool!.TryRent(out frame);

    public ValueTask<Frame> RentAsync(CancellationToken cancellationToken = default) => _sendPool!.RentAsync(cancellationToken);

    public ValueTask<int> ReceiveAsync(Memory<Frame> destination, CancellationToken cancellationToken = default) =>
        _receiveQueue.TakeAsync(destination, cancellationToken);

    /// <summary>Opens the channel. Frames stay held.</summary>
    /// <exception cref="IOException">The host says what cannot be, or the adapter is another one than before.</exception>
    /// <exception cref="TimeoutException">It does not answer.</exception>
    /// <exception cref="VmBus.VmBusException">The channel does not work.</exception>
    public async ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        if (_session is not null)
            return;
        var session = new NetvscSession(this, _channel, _context, _options);
        await session.OpenAsync(cancellationToken).ConfigureAwait(false);
        if (_sendPool is not null && session.Address != Address)
        {
            await session.CloseAsync().ConfigureAwait(false);
            throw new IOException($"The adapter's address was {Address} and is {session.Address}.");
        }

        Address = session.Address;
        var frameSize = session.Mtu + NetvscOptions.HeaderSize;
        try
        {
            _sendPool ??= new FramePool(_context.Dma, SendFrames, Math.Max(frameSize, ShortestFrame), _options.ContinueInline);
            _receivePool ??= new FramePool(_context.Dma, ReceiveFrames, frameSize);
        }
        catch
        {
            await session.CloseAsync().ConfigureAwait(false);
            throw;
        }

        lock (_gate)
        {
            // Programs know the value by now: it can only become less.
            _mtu = Math.Min(_mtu, session.Mtu);
            _offloads = session.Offloads;
            _link = session.Link;
            _session = session;
            if (_goneBecause is null)
                return;
        }

        await CloseSessionAsync().ConfigureAwait(false);
        _sendPool.Close();
        _receivePool.Close();
        throw new IOException($"The adapter is gone: {_goneBecause}.");
    }

    /// <summary>Closes the channel; frames are held.</summary>
    public async ValueTask CloseSessionAsync()
    {
        NetvscSession? session;
        lock (_gate)
            session = _session;
        if (session is null)
            return;
        await session.CloseAsync().ConfigureAwait(false);
        lock (_gate)
            _session = null;
    }

    /// <summary>Takes everything down: what the host has been given goes out first, as far as it does that in time. Never throws.</summary>
    public async ValueTask CloseAsync(string reason)
    {
        await HoldAsync(Hold.Suspended, CancellationToken.None).ConfigureAwait(false);
        Deferred deferred = default;
        lock (_gate)
            GiveUp(reason, ref deferred);
        deferred.Run(this);
        await CloseSessionAsync().ConfigureAwait(false);
        _receiveQueue.Close();
        _sendPool?.Close();
        _receivePool?.Close();
    }

    /// <summary>The channel has ended on its own.</summary>
    internal void OnSessionEnd(NetvscSession session, ChannelEnd reason)
    {
        Deferred deferred = default;
        lock (_gate)
        {
            // One that ends during its set-up fails that.
            if (!ReferenceEquals(session, _session))
                return;
            GiveUp(reason == ChannelEnd.Rescinded ? "the host has taken it back" : $"its channel ended ({reason})", ref deferred);
        }

        deferred.Run(this);
    }

    /// <summary>An indication of the host's: comes on the primary channel's thread, one at a time.</summary>
    internal void OnStatus(RndisStatus status, ReadOnlySpan<byte> data)
    {
        LinkStatus before, link;
        lock (_gate)
        {
            before = link = _link;
            switch (status)
            {
                case RndisStatus.MediaConnect:
                    link = link with { IsUp = true, IsFullDuplex = true };
                    break;
                case RndisStatus.MediaDisconnect:
                    link = link with { IsUp = false };
                    break;
                case RndisStatus.LinkSpeedChange when data.Length >= sizeof(uint):
                    link = link with { MegabitsPerSecond = (int)(BinaryPrimitives.ReadUInt32LittleEndian(data) / UnitsPerMegabit) };
                    break;
                case RndisStatus.NetworkChange when link.IsUp && _goneBecause is null:
                    // Another network behind the same cable: as if it was pulled and plugged in.
                    break;
                default:
                    return;
            }

            if (_goneBecause is not null)
                return;
            _link = link;
        }

        if (status == RndisStatus.NetworkChange)
        {
            Tally.Add(NetvscTally.Counter.LinkChanges);
            LinkChanged?.Invoke(LinkStatus.Down);
            LinkChanged?.Invoke(link);
        }
        else if (link != before)
        {
            Tally.Add(NetvscTally.Counter.LinkChanges);
            LinkChanged?.Invoke(link);
        }
    }

    internal bool TryRentReceived([NotNullWhen(true)] out Frame? frame)
    {
        frame = null;
        return _receivePool is { } pool && pool.TryRent(out frame);
    }

    /// <summary>Received frames of one channel.</summary>
    internal void Deliver(ref FrameQueue frames)
    {
        if (_receiveQueue.Append(ref frames))
            _receiveQueue.Announce();
        else
            frames.ReleaseAll();
    }

    private NetworkError GoneError() => new(NetworkErrorKind.Gone, Name, _goneBecause ?? "the adapter is gone");

    /// <summary>The end: nobody waits any more. Under the lock.</summary>
    private void GiveUp(string reason, ref Deferred deferred)
    {
        if (_goneBecause is not null)
            return;
        _goneBecause = reason;
        _isReceiving = false;
        deferred.IsEnd = true;
        while (_waiting.Dequeue() is { } request)
        {
            request.TakeLeft(ref deferred.Released);
            request.SetResult(NetworkResult.Failure(GoneError()));
            deferred.Ended(request);
        }

        deferred.Drained = _drained;
        _drained = null;
        deferred.LinkIsChanged = _link != LinkStatus.Down;
        _link = LinkStatus.Down;
    }

    /// <summary>What is done after the lock is released.</summary>
    private struct Deferred
    {
        private LinkedQueue<SendRequest> _ended;

        public FrameQueue Released;
        public WaitList<bool>? Drained;
        public bool LinkIsChanged;
        public bool IsEnd;

        public void Ended(SendRequest request) => _ended.Enqueue(request);

        public void Run(NetvscAdapter adapter)
        {
            if (IsEnd)
            {
                adapter._receiveQueue.Complete();
                adapter._sendPool?.Close();
            }

            Released.ReleaseAll();
            while (_ended.Dequeue() is { } request)
                request.Announce();
            Drained?.End(true);
            if (LinkIsChanged)
                adapter.LinkChanged?.Invoke(LinkStatus.Down);
        }
    }
}
