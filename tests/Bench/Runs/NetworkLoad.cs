using System.Diagnostics;
using GuestOS.Drivers.Synthetic.Network;
using GuestOS.Drivers.Synthetic.Tests.Network;
using GuestOS.Machine.Network;
using GuestOS.Sandbox.Network;
using GuestOS.Testing.Guests;

namespace GuestOS.Bench.Runs;

/// <summary>
/// Frames of the synthetic network driver: so many at once, then the simulated machine goes on until all are where they go. The driver's
/// work, on the caller's thread and on the guest's thread pool, is told apart from the host's when memory is counted.
/// </summary>
internal sealed class NetworkLoad : IDisposable
{
    private const int WarmUp = 4000;
    private static readonly (string Name, string Value)[] DriverOptions = [("inline", "1"), ("mtu", "9000"), ("receive", "256"), ("send", "128")];

    private readonly NetworkKind _kind;
    private readonly MeteredPlatform _meter = new();
    private readonly NetworkSwitch _switch = new();
    private readonly SimulatedGuest _guest;
    private readonly NetvscAdapter _adapter;
    private readonly FramePool? _large;
    private readonly byte[] _content;
    private readonly Frame[] _batch = new Frame[64];
    private long _arrived;
    private long _allocated;

    /// <summary>A guest with an adapter, and its host.</summary>
    public NetworkLoad(NetworkKind kind)
    {
        _kind = kind;
        _guest = new SimulatedGuest(new SimulatedGuestOptions
        {
            Host = kind.Host.Options,
            Platform = _meter.Replace,
            DriverOptions = DriverOptions.ToDictionary(option => option.Name, option => option.Value),
        });
        _guest.OtherWork = _meter.Executor.TryRun;
        _guest.Host.Trace.Capacity = 0;
        _guest.Drivers.Add(new NetvscDriver());
        _guest.Host.Offer(new NetworkProvider(_switch) { Records = false });
        _switch.Received = frame => _arrived += frame.Data.Length;
        _guest.Connect();
        _guest.Settle();
        _adapter = ((NetvscController)_guest.Bound.Values.Single()).Adapter!;
        if (kind.SegmentSize != 0)
            _large = new FramePool(_guest.Memory, kind.Depth, kind.Length);
        _content = Content();
        Run(WarmUp);
    }

    /// <summary>Bytes that came out of the switch, and that were received.</summary>
    public long Arrived => _arrived;

    /// <summary>What the host holds against the guest.</summary>
    public IReadOnlyCollection<string> GuestErrors => _guest.Host.GuestErrors;

    /// <summary>At least so many frames; whole batches of the kind's depth.</summary>
    public NetworkSample Run(int frames)
    {
        var (done, calls) = (0, _meter.Calls);
        _allocated = 0;
        var watch = Stopwatch.StartNew();
        for (; done < frames; done += _kind.Depth)
        {
            if (_kind.IsSend)
                Send();
            else
                Receive();
        }

        return new NetworkSample((double)_allocated / done, (double)(_meter.Calls - calls) / done, done / watch.Elapsed.TotalSeconds);
    }

    public void Dispose()
    {
        _large?.Close();
        _guest.Dispose();
    }

    private byte[] Content()
    {
        if (_kind.SegmentSize != 0)
            return Frames.Ip(_guest.Random, isV6: false, isTcp: true, _kind.Length - Frames.V4Header - 20, _adapter.Address);
        return _kind.IsSend
            ? Frames.Random(_guest.Random, _kind.Length, _adapter.Address)
            : Frames.Random(_guest.Random, _kind.Length, new MacAddress(Frames.Peer), _adapter.Address.Value);
    }

    private void Send()
    {
        var until = _adapter.Statistics.SentFrames + _kind.Depth;
        var before = _meter.Allocated;
        for (var i = 0; i < _kind.Depth; i++)
        {
            if (!(_large?.TryRent(out var frame) ?? _adapter.TryRent(out frame)))
                throw new InvalidOperationException("There is no frame.");
            frame.Length = _content.Length;
            _content.CopyTo(frame.Data);
            frame.Offload = new FrameOffload { SegmentSize = _kind.SegmentSize };
            var sent = _adapter.SendAsync(frame);
            if (!sent.IsCompletedSuccessfully || !sent.Result.IsSuccess)
                throw new InvalidOperationException("A frame had to wait.");
        }

        _allocated += _meter.Allocated - before;
        while (_adapter.Statistics.SentFrames < until)
            GoOn();
    }

    private void Receive()
    {
        for (var i = 0; i < _kind.Depth; i++)
            _switch.Inject(new SwitchFrame(_content));
        for (var received = 0; received < _kind.Depth;)
        {
            GoOn();
            var before = _meter.Allocated;
            while (_adapter.HasReceived)
            {
                var taken = _adapter.ReceiveAsync(_batch);
                var count = taken.IsCompletedSuccessfully ? taken.Result : 0;
                received += count;
                for (var i = 0; i < count; i++)
                {
                    _arrived += _batch[i].Length;
                    _batch[i].Release();
                }
            }

            _allocated += _meter.Allocated - before;
        }
    }

    /// <summary>One thing that the machine does, and what the guest does thereupon.</summary>
    private void GoOn()
    {
        if (!_guest.Clock.RunNext())
            throw new InvalidOperationException("Frames are on their way, and nothing is going to happen any more.");
        var before = _meter.Allocated;
        while (_meter.Executor.TryRun())
        {
        }

        _allocated += _meter.Allocated - before;
    }
}
