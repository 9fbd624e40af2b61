using System.Diagnostics.CodeAnalysis;
using GuestOS.Kernel.Handoff;
using GuestOS.Machine;
using GuestOS.Machine.Network;

namespace GuestOS.Kernel.Network.Paths;

/// <summary>
/// A network interface that may be reached by several devices with one hardware address, and uses one at a time: the emulated one from
/// boot on, the synthetic one as soon as it is there, the emulated one again when the other goes.
/// A change is one <see cref="RunSwitchAsync">switch</see>, as with disks: new frames wait, those that were given to the old device leave it,
/// it stops receiving, the new one starts, and those that waited go on in their order. A frame that a device failed because it is gone is
/// one of those that wait. So no frame is sent twice, and none that was taken is lost but those that a device took with it when it
/// vanished. Offloads are those of the device in use: a frame that waits, and asks for what the next one cannot do, is refused by that.
/// LOCKING: <c>_lock</c> guards the paths and the queues; devices are called, and results announced, outside of it.
/// </summary>
internal sealed partial class MultipathNic : INetworkDevice
{
    private const int FrameCount = 128;
    private const int HeaderSize = 14;
    private const int ShortestFrame = 60;
    private const int PumpBatch = 32;
    private const int MostRetired = 4;

    private readonly Lock _lock = new();
    private readonly Lock _linkLock = new();
    private readonly RequestGate _gate = new();
    private readonly List<NetworkPath> _paths = [];
    private readonly FramePool _pool;
    private readonly ReceiveQueue _receiveQueue = new();
    private readonly TimeProvider _clock;
    private readonly Action<HandoffReport> _report;
    private NetworkPath _current;
    private ReceiveFilter _filter = ReceiveFilter.Station;
    private readonly Queue<INetworkDevice> _retired = [];
    private NetworkStatistics _past;
    private LinkStatus _link;

    /// <param name="first">The way that serves at first; its name is the interface's.</param>
    /// <param name="driver">Who published it.</param>
    /// <param name="dma">Memory for frames.</param>
    /// <param name="clock">Time.</param>
    /// <param name="report">Called after each change and each attempt at one.</param>
    public MultipathNic(INetworkPath first, string driver, IDmaMemory dma, TimeProvider clock, Action<HandoffReport> report)
    {
        Name = first.Name;
        Address = first.Address;
        Mtu = first.Mtu;
        _clock = clock;
        _report = report;
        _filter = first.Filter;
        _pool = new FramePool(dma, FrameCount, Math.Max(Mtu + HeaderSize, ShortestFrame), keeps: Keep);
        _current = new NetworkPath(first, driver, PathState.Serving) { Delivers = true };
        _paths.Add(_current);
        _link = first.Link;
        Begin(_current);
    }

    public event Action<LinkStatus>? LinkChanged;

    public string Name { get; }

    public string Model => Current.Model;

    public MacAddress Address { get; }

    /// <summary>That of the first device; one that has less does not take over.</summary>
    public int Mtu { get; }

    public NetworkOffloads Offloads => Current.Offloads;

    public LinkStatus Link
    {
        get
        {
            lock (_linkLock)
                return _link;
        }
    }

    public ReceiveFilter Filter
    {
        get
        {
            lock (_lock)
                return _filter;
        }
    }

    /// <summary>Of all devices that have served, those that are gone included.</summary>
    public NetworkStatistics Statistics
    {
        get
        {
            lock (_lock)
            {
                NetworkStatistics sum = _past;
                foreach (NetworkPath path in _paths)
                    sum = Add(sum, path.Device.Statistics);
                foreach (INetworkDevice device in _retired)
                    sum = Add(sum, device.Statistics);
                return sum;
            }
        }
    }

    public IReadOnlyList<NetworkCounter> Counters => Current.Counters;

    /// <summary>Whether frames wait.</summary>
    public SwitchState State
    {
        get
        {
            lock (_lock)
                return _state;
        }
    }

    /// <summary>The ways that there are.</summary>
    public IReadOnlyList<NetworkPath> Paths
    {
        get
        {
            lock (_lock)
                return [.. _paths];
        }
    }

    /// <summary>The device that serves now.</summary>
    public INetworkPath Current => Volatile.Read(ref _current).Device;

    public bool TryRent([NotNullWhen(true)] out Frame? frame) => _pool.TryRent(out frame);

    public ValueTask<Frame> RentAsync(CancellationToken cancellationToken = default) => _pool.RentAsync(cancellationToken);

    public ValueTask<int> ReceiveAsync(Memory<Frame> destination, CancellationToken cancellationToken = default) =>
        _receiveQueue.TakeAsync(destination, cancellationToken);

    public async ValueTask<NetworkResult> SetFilterAsync(ReceiveFilter filter, CancellationToken cancellationToken = default)
    {
        // A switch that runs takes the new one along, or this hits the new device.
        while (true)
        {
            NetworkPath path = Volatile.Read(ref _current);
            NetworkResult result = await path.Device.SetFilterAsync(filter, cancellationToken).ConfigureAwait(false);
            lock (_lock)
            {
                if (result.IsSuccess)
                    _filter = filter;
                if (path == _current)
                    return result;
            }
        }
    }

    private static NetworkStatistics Add(in NetworkStatistics one, in NetworkStatistics other) => new()
    {
        ReceivedFrames = one.ReceivedFrames + other.ReceivedFrames,
        ReceivedBytes = one.ReceivedBytes + other.ReceivedBytes,
        ReceiveErrors = one.ReceiveErrors + other.ReceiveErrors,
        ReceiveDropped = one.ReceiveDropped + other.ReceiveDropped,
        SentFrames = one.SentFrames + other.SentFrames,
        SentBytes = one.SentBytes + other.SentBytes,
        SendErrors = one.SendErrors + other.SendErrors,
        SendDropped = one.SendDropped + other.SendDropped,
    };

    /// <summary>A device was withdrawn. It goes on counting until all that it has is sent or dropped, so the last few are asked. Under the lock.</summary>
    private void Retire(INetworkDevice device)
    {
        _retired.Enqueue(device);
        if (_retired.Count > MostRetired)
            _past = Add(_past, _retired.Dequeue().Statistics);
    }

    private void Begin(NetworkPath path)
    {
        path.Device.LinkChanged += _ => UpdateLink();
        _ = PumpAsync(path);
    }

    /// <summary>The link is that of the device that serves.</summary>
    private void UpdateLink()
    {
        lock (_linkLock)
        {
            LinkStatus link = Current.Link;
            if (link == _link)
                return;
            _link = link;
            LinkChanged?.Invoke(link);
        }
    }

    /// <summary>Passes on what a device receives, until it is gone.</summary>
    private async Task PumpAsync(NetworkPath path)
    {
        var batch = new Frame[PumpBatch];
        while (true)
        {
            int count = await path.Device.ReceiveAsync(batch).ConfigureAwait(false);
            if (count == 0)
                return;
            FrameQueue frames = default;
            bool delivers;
            lock (_lock)
                delivers = path.Delivers;
            for (int i = 0; i < count; i++)
                frames.Enqueue(batch[i]);
            if (delivers && _receiveQueue.Append(ref frames))
                _receiveQueue.Announce();
            else
                frames.ReleaseAll();
        }
    }
}
