using GuestOS.Kernel.Network.Paths;
using GuestOS.Machine.Network;
using GuestOS.Sandbox.Memory;
using GuestOS.Sandbox.Network;
using GuestOS.Sandbox.VmBus;
using GuestOS.Testing;
using static GuestOS.Kernel.Tests.Network.NicHistory;

namespace GuestOS.Kernel.Tests.Network;

/// <summary>
/// One seeded schedule: programs send, receive and change the filter while the devices of their interface come, fail and go. Guest and host
/// take their steps in turns that the seed decides.
/// </summary>
internal sealed class NicSchedule : IDisposable
{
    private const int Senders = 3;
    private const int LongestBatch = 6;
    private const ulong FirstGroup = 0x0100_5E00_0000;
    private const ulong OtherGroup = 0x0100_5E7F_0000;

    private readonly NicMachine _machine;
    private readonly NicHistory _history = new();
    private readonly List<LinkStatus> _links = [];
    private readonly Random _random;
    private readonly MultipathNic _nic;
    private readonly NicReceiver _receiver;
    private readonly List<NetworkProvider> _providers = [];
    private ReceiveFilter? _filter = ReceiveFilter.Station;
    private NetworkProvider? _provider;
    private HostChannel? _channel;
    private int _injected;

    public NicSchedule(int seed, PinnedArrays arrays)
    {
        _machine = new NicMachine(seed, isFine: true, arrays);
        _random = _machine.Random;
        _nic = _machine.Nic;
        _receiver = new NicReceiver(_nic);
        _machine.Switch.Received = frame => _history.Saw(NicMachine.NumberOf(frame.Data));
        _nic.LinkChanged += _links.Add;
    }

    /// <summary>All its devices were lost at one time: the interface ends then, and one that is offered later is another one.</summary>
    private bool IsClosed => !_machine.Registry.Entries.Any(entry => entry.Paths == _nic);

    /// <summary>Runs to the end, and checks.</summary>
    /// <returns>How often the interface changed over.</returns>
    public int Run()
    {
        Task all = Task.WhenAll([.. Enumerable.Range(0, Senders).Select(SendAllAsync), InjectAllAsync(), FilterAsync()]);
        Task upset = UpsetAsync(() => all.IsCompleted);
        _machine.Run(Task.WhenAll(all, upset));
        _machine.Settle();
        CheckState();
        CheckEnd();
        return _machine.Reports.Count(report => report.Error is null);
    }

    public void Dispose() => _machine.Dispose();

    private async Task SendAllAsync(int sender)
    {
        for (int left = _random.Next(3, 9); left > 0; left--)
        {
            switch (_random.Next(12))
            {
                case 0 or 1:
                    await SendBatchAsync(sender, _random.Next(2, LongestBatch)).ConfigureAwait(false);
                    break;
                case 2:
                    await SendOrCancelAsync(sender).ConfigureAwait(false);
                    break;
                default:
                    await SendAsync(sender, default).ConfigureAwait(false);
                    break;
            }

            if (_random.Next(2) == 0)
                await DelayAsync(300).ConfigureAwait(false);
        }
    }

    private async Task<bool> SendAsync(int sender, CancellationToken cancellationToken)
    {
        if (IsClosed)
            return false;
        int number = _history.Begin(sender);
        var outcome = Outcome.NotSent;
        try
        {
            NetworkResult result = await _nic.SendAsync(Frame(number), cancellationToken).ConfigureAwait(false);
            outcome = result.IsSuccess ? Outcome.Sent : Outcome.NotSent;
        }
        catch (OperationCanceledException)
        {
        }

        _history.End(number, outcome);
        return outcome == Outcome.Sent;
    }

    private async Task SendOrCancelAsync(int sender)
    {
        using var stop = new CancellationTokenSource();
        Task<bool> send = SendAsync(sender, stop.Token);
        await DelayAsync(100).ConfigureAwait(false);
        Cancel(stop);
        await send.ConfigureAwait(false);

        // Not asynchronously: on the schedule's own thread.
        static void Cancel(CancellationTokenSource stop) => stop.Cancel();
    }

    private async Task SendBatchAsync(int sender, int count)
    {
        if (IsClosed)
            return;
        int[] numbers = [.. Enumerable.Range(0, count).Select(_ => _history.Begin(sender))];
        NetworkResult result = await _nic.SendAsync(Array.ConvertAll(numbers, Frame)).ConfigureAwait(false);
        foreach (int number in numbers)
            _history.End(number, result.IsSuccess ? Outcome.Sent : Outcome.Unknown);
    }

    private Frame Frame(int number)
    {
        Assert.True(_nic.TryRent(out Frame? frame), "A frame was not given back.");
        return NicMachine.Fill(frame, number, 60 + _random.Next(1400));
    }

    private async Task InjectAllAsync()
    {
        for (int left = _random.Next(5, 15); left > 0; left--)
        {
            _machine.Inject(_injected++);
            await DelayAsync(150).ConfigureAwait(false);
            TakeReceived();
        }
    }

    private void TakeReceived()
    {
        foreach (int number in _receiver.Take())
            _history.Received(number);
    }

    private async Task FilterAsync()
    {
        for (int left = _random.Next(3); left > 0; left--)
        {
            await DelayAsync(400).ConfigureAwait(false);
            var filter = new ReceiveFilter
            {
                Multicast = [.. Enumerable.Range(0, _random.Next(4)).Select(_ => new MacAddress(FirstGroup + (ulong)_random.Next(1, 100)))],
                Promiscuous = _random.Next(8) == 0,
            };
            NetworkResult result = await _nic.SetFilterAsync(filter).ConfigureAwait(false);
            _filter = result.IsSuccess ? filter : null;
        }
    }

    /// <summary>Some time, or some turns of whatever is due at this moment.</summary>
    private async Task DelayAsync(int mostMicroseconds)
    {
        if (_random.Next(2) == 0)
        {
            await _machine.Clock.After(TimeSpan.FromMicroseconds(_random.Next(mostMicroseconds))).ConfigureAwait(false);
            return;
        }

        for (int turns = _random.Next(mostMicroseconds / 4); turns >= 0; turns--)
            await _machine.Clock.After(TimeSpan.Zero).ConfigureAwait(false);
    }

    private async Task UpsetAsync(Func<bool> isOver)
    {
        do
        {
            await DelayAsync(300).ConfigureAwait(false);
            Offer();
            await DelayAsync(_random.Next(2) == 0 ? 100 : 1000).ConfigureAwait(false);
            await DisturbAsync().ConfigureAwait(false);
            await DelayAsync(300).ConfigureAwait(false);
            switch (_random.Next(4))
            {
                case 0:
                    await _machine.DetachAllAsync().ConfigureAwait(false);
                    _machine.Host.Rescind(_channel!);
                    break;
                case 1:
                    _machine.Host.Faults.RescindAtStep = _machine.Host.Steps + _random.Next(1, 100);
                    break;
                case 2:
                    _machine.Host.Rescind(_channel!);
                    break;
                default:
                    break;
            }
        }
        while (!isOver() && _random.Next(4) != 0);
    }

    private void Offer()
    {
        if (_channel is not null && _random.Next(2) == 0)
        {
            _machine.Host.OfferAgain(_channel);
            return;
        }

        if (_channel is not null)
            _machine.Host.Rescind(_channel);
        (_provider, _channel) = _machine.OfferSynthetic();
        _providers.Add(_provider);
    }

    /// <summary>Something goes wrong, or is in somebody's way.</summary>
    private async Task DisturbAsync()
    {
        switch (_random.Next(9))
        {
            case 0:
                _provider!.Mangle = static (name, bytes) => name == "rndis 1" ? bytes : null;
                await DelayAsync(500).ConfigureAwait(false);
                if (_random.Next(2) == 0)
                    _provider.Mangle = null;
                break;
            case 1:
                await _machine.SuspendForAsync(TimeSpan.FromMicroseconds(_random.Next(300))).ConfigureAwait(false);
                break;
            case 2:
                Task suspended = _machine.SuspendForAsync(TimeSpan.FromMicroseconds(_random.Next(300)));
                await DelayAsync(300).ConfigureAwait(false);
                _machine.Host.Rescind(_channel!);
                await suspended.ConfigureAwait(false);
                break;
            case 3:
                await _machine.TrySuspendEmulatedForAsync(TimeSpan.FromMicroseconds(_random.Next(3000))).ConfigureAwait(false);
                break;
            case 4:
                await _nic.QuiesceAsync().ConfigureAwait(false);
                await DelayAsync(300).ConfigureAwait(false);
                await _nic.ResumeAsync().ConfigureAwait(false);
                break;
            case 5:
                _provider!.SetLink(isUp: false);
                await DelayAsync(300).ConfigureAwait(false);
                _provider.SetLink(isUp: true, speed: 250_000_000);
                break;
            case 6:
                _machine.Model.Faults.Underflows = _random.Next(3);
                _machine.Model.Faults.Jabbers = _random.Next(2);
                _machine.Model.Faults.BusErrors = _random.Next(2);
                break;
            case 7 when _random.Next(3) == 0:
                _machine.Model.Faults.VanishesAfter = _random.Next(60);
                break;
            default:
                break;
        }
    }

    /// <summary>The interface works, if a device is left, and is as it was left.</summary>
    private void CheckState()
    {
        _machine.Host.Faults.RescindAtStep = 0;
        _machine.Model.Faults.VanishesAfter = null;
        _machine.Model.Faults.Underflows = _machine.Model.Faults.Jabbers = _machine.Model.Faults.BusErrors = 0;

        // The driver of an adapter that has vanished finds out when it looks after it, and takes frames until then.
        if (_machine.Model.Faults.Vanished)
            _machine.Advance(3);
        Task<bool> probe = SendAsync(Senders, default);
        _machine.Run(probe);
        _machine.Settle();
        TakeReceived();
        bool isAlive = probe.Result;
        Assert.True(isAlive || _machine.Model.Faults.Vanished, "The interface is dead though its emulated adapter is there.");
        Assert.Equal(1500, _nic.Mtu);
        Assert.Equal(_nic.Current.Link, _nic.Link);
        if (_links.Count != 0)
            Assert.Equal(_links[^1], _nic.Link);
        if (!isAlive || _filter is null || !_nic.Link.IsUp)
            return;
        Assert.Equal(_filter.Multicast.Distinct(), _nic.Current.Filter.Multicast);
        Assert.Equal(_filter.Promiscuous, _nic.Current.Filter.Promiscuous);
        List<int> wanted = [_injected];
        _machine.Inject(_injected++, _nic.Address.Value);
        foreach (MacAddress group in _filter.Multicast)
        {
            wanted.Add(_injected);
            _machine.Inject(_injected++, group.Value);
        }

        if (_filter.Promiscuous)
            wanted.Add(_injected);
        _machine.Inject(_injected++, OtherGroup);
        _machine.Settle();
        List<int> received = _receiver.Take();
        received.ForEach(_history.Received);
        Assert.Equal(wanted, received);
    }

    /// <summary>When all devices are detached nothing comes any more, everything is accounted for, and no memory is kept.</summary>
    private void CheckEnd()
    {
        bool isFirst = _random.Next(2) == 0;
        if (isFirst)
            _machine.Run(_machine.DetachEmulatedAsync());
        _machine.Run(_machine.DetachAllAsync());
        if (!isFirst)
            _machine.Run(_machine.DetachEmulatedAsync());
        TakeReceived();
        _machine.Inject(_injected);
        _machine.Settle();
        Assert.Empty(_receiver.Take());
        Assert.True(_receiver.HasEnded);
        foreach (GuestFrame frame in _providers.SelectMany(static provider => provider.GuestFrames))
            _history.HostTook(NicMachine.NumberOf(frame.Data));
        IEnumerable<string> violations = _history.Violations(_nic.Statistics);
        Assert.True(!violations.Any(), string.Join("; ", violations));
        _machine.AssertEnded();
    }
}
