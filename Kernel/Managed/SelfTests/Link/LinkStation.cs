using GuestOS.Machine;
using GuestOS.Machine.Network;

namespace GuestOS.Kernel.SelfTests.Link;

/// <summary>
/// The guest's end of the link test: it answers whatever the other end asks for, until that says that it is over.
/// Frames of other kinds, and of other stations while a burst is under way, are counted and left alone.
/// </summary>
internal sealed class LinkStation
{
    private const int BatchSize = 64;
    private const int MostProbes = 256;

    private readonly INetworkDevice _device;
    private readonly ILog _log;
    private readonly TimeProvider _clock;
    private readonly List<uint> _probes = [];
    private MacAddress _peer;
    private BurstPlan _plan;
    private BurstSender? _sender;
    private BurstChecker? _checker;
    private Task _sending = Task.CompletedTask;
    private long _began;
    private long _interruptsBefore;
    private bool _isOver;

    public LinkStation(INetworkDevice device, TimeProvider clock, ILog log)
    {
        _device = device;
        _clock = clock;
        _log = log;
    }

    /// <summary>When the last frame came.</summary>
    public long LastFrameAt { get; private set; }

    public LinkTotals Totals { get; } = new();

    /// <summary>Serves until the other end is done.</summary>
    /// <exception cref="IOException">The device failed.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        LastFrameAt = _clock.GetTimestamp();
        (await _device.SetFilterAsync(new ReceiveFilter { Multicast = [Announcement.Group] }, cancellationToken).ConfigureAwait(false)).ThrowIfFailed();
        await AnnounceAsync(cancellationToken).ConfigureAwait(false);
        var batch = new Frame[BatchSize];
        while (!_isOver)
        {
            int count = await _device.ReceiveAsync(batch, cancellationToken).ConfigureAwait(false);
            if (count == 0)
                throw new IOException($"{_device.Name} is gone.");
            LastFrameAt = _clock.GetTimestamp();
            for (int i = 0; i < count; i++)
            {
                // The frames of a burst are the many: nothing is awaited for them.
                if (TryTakeBurst(batch[i]))
                    continue;
                await ServeAsync(batch[i], cancellationToken).ConfigureAwait(false);
            }

            if (_checker is not null && _checker.NeedsCredit(out uint upTo))
                await SendCreditAsync(upTo, cancellationToken).ConfigureAwait(false);
            if (_sending.IsFaulted)
                await _sending.ConfigureAwait(false);
        }

        await _sending.ConfigureAwait(false);
    }

    private bool TryTakeBurst(Frame frame)
    {
        Span<byte> bytes = frame.Data;
        if (_checker is null || bytes.Length < LinkFrame.Shortest || LinkFrame.TypeOf(bytes) != LinkFrame.EtherType || LinkFrame.KindOf(bytes) != LinkKind.Burst)
            return false;
        _checker.Take(bytes);
        frame.Release();
        return true;
    }

    private async ValueTask ServeAsync(Frame frame, CancellationToken cancellationToken)
    {
        if (frame.Length < LinkFrame.HeaderSize)
        {
            frame.Release();
            return;
        }

        ushort type = LinkFrame.TypeOf(frame.Data);
        if (type == Announcement.EtherType)
        {
            frame.Release();
            Totals.Announcements++;
            await AnnounceAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        if (type != LinkFrame.EtherType || frame.Length < LinkFrame.Shortest)
        {
            frame.Release();
            Totals.Others++;
            return;
        }

        byte[] request = frame.Data.ToArray();
        frame.Release();
        await AnswerAsync(request, cancellationToken).ConfigureAwait(false);
    }

    private ValueTask AnswerAsync(byte[] request, CancellationToken cancellationToken)
    {
        switch (LinkFrame.KindOf(request))
        {
            case LinkKind.EchoRequest:
                Totals.Echoes++;
                return SendAnswerAsync(request, LinkKind.EchoAnswer, request.Length, (bytes, _) => request.AsSpan(LinkFrame.BodyPlace).CopyTo(bytes[LinkFrame.BodyPlace..]), cancellationToken);
            case LinkKind.Credit:
                _sender?.Credit(LinkFrame.Read32(request, LinkFrame.BodyPlace));
                return ValueTask.CompletedTask;
            case LinkKind.Start:
                return StartAsync(request, cancellationToken);
            case LinkKind.Report:
                return ReportAsync(request, cancellationToken);
            case LinkKind.Filter:
                return SetFilterAsync(request, cancellationToken);
            case LinkKind.Probe:
                if (_probes.Count < MostProbes)
                    _probes.Add(LinkFrame.Read32(request, LinkFrame.BodyPlace));
                return ValueTask.CompletedTask;
            case LinkKind.Probes:
                return SendProbesAsync(request, cancellationToken);
            case LinkKind.End:
                _isOver = true;
                return SendAnswerAsync(request, LinkKind.EndAnswer, LinkFrame.Shortest, static (_, _) => { }, cancellationToken);
            default:
                Totals.Others++;
                return ValueTask.CompletedTask;
        }
    }

    private async ValueTask StartAsync(byte[] request, CancellationToken cancellationToken)
    {
        if (BurstPlan.Read(request) is not { } plan)
        {
            _log.Warning($"{_device.Name}: link test: a start frame asks for frames of an impossible size.");
            return;
        }

        await _sending.ConfigureAwait(false);
        TakeTotals();
        _plan = plan;
        _peer = LinkFrame.Source(request);
        _checker = new BurstChecker(plan);
        _sender = new BurstSender(_device, _peer, plan);
        _began = _clock.GetTimestamp();
        _interruptsBefore = CountInterrupts();
        await SendAnswerAsync(request, LinkKind.Started, LinkFrame.Shortest, static (_, _) => { }, cancellationToken).ConfigureAwait(false);
        BurstSender sender = _sender;
        _sending = Task.Run(() => sender.RunAsync(cancellationToken), cancellationToken);
    }

    private async ValueTask ReportAsync(byte[] request, CancellationToken cancellationToken)
    {
        await _sending.ConfigureAwait(false);
        ulong time = (ulong)_clock.GetElapsedTime(_began).Ticks * 100;
        long interrupts = CountInterrupts() - _interruptsBefore;
        _checker?.Finish();
        await SendAnswerAsync(
            request,
            LinkKind.ReportAnswer,
            LinkFrame.Shortest,
            (bytes, station) =>
            {
                LinkFrame.Write32(bytes, 18, station._checker?.Right ?? 0);
                LinkFrame.Write32(bytes, 22, station._checker?.Wrong ?? 0);
                LinkFrame.Write32(bytes, 26, station._checker?.Missing ?? 0);
                LinkFrame.Write32(bytes, 30, station._checker?.Doubled ?? 0);
                LinkFrame.Write32(bytes, 34, station._sender?.Sent ?? 0);
                LinkFrame.Write64(bytes, 38, time);
                LinkFrame.Write64(bytes, 46, (ulong)interrupts);
            },
            cancellationToken).ConfigureAwait(false);
        TakeTotals();
    }

    private async ValueTask SetFilterAsync(byte[] request, CancellationToken cancellationToken)
    {
        var multicast = new List<MacAddress>();
        int count = Math.Min(request[19], (request.Length - 20) / MacAddress.Size);
        for (int i = 0; i < count; i++)
            multicast.Add(MacAddress.Read(request.AsSpan(20 + (i * MacAddress.Size))));
        NetworkResult result = await _device.SetFilterAsync(
            new ReceiveFilter { Multicast = multicast, AllMulticast = (request[18] & 1) != 0, Promiscuous = (request[18] & 2) != 0 },
            cancellationToken).ConfigureAwait(false);
        if (!result.IsSuccess)
            _log.Warning($"{_device.Name}: link test: {result.Error}");
        await SendAnswerAsync(
            request, LinkKind.FilterAnswer, LinkFrame.Shortest, (bytes, _) => bytes[LinkFrame.StatusPlace] = (byte)(result.IsSuccess ? 0 : 1), cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask SendProbesAsync(byte[] request, CancellationToken cancellationToken)
    {
        int length = Math.Max(LinkFrame.Shortest, 20 + (_probes.Count * 4));
        await SendAnswerAsync(
            request,
            LinkKind.ProbesAnswer,
            length,
            (bytes, station) =>
            {
                LinkFrame.Write16(bytes, 18, (ushort)station._probes.Count);
                for (int i = 0; i < station._probes.Count; i++)
                    LinkFrame.Write32(bytes, 20 + (i * 4), station._probes[i]);
            },
            cancellationToken).ConfigureAwait(false);
        _probes.Clear();
    }

    private async ValueTask SendAnswerAsync(byte[] request, LinkKind kind, int length, AnswerWriter write, CancellationToken cancellationToken)
    {
        Frame frame = await _device.RentAsync(cancellationToken).ConfigureAwait(false);
        frame.Length = length;
        frame.Data.Clear();
        write(LinkFrame.Begin(frame, length, LinkFrame.Source(request), _device.Address, kind, LinkFrame.Read16(request, LinkFrame.TagPlace)), this);
        (await _device.SendAsync(frame, cancellationToken).ConfigureAwait(false)).ThrowIfFailed();
    }

    private async ValueTask SendCreditAsync(uint upTo, CancellationToken cancellationToken)
    {
        Frame frame = await _device.RentAsync(cancellationToken).ConfigureAwait(false);
        Span<byte> bytes = LinkFrame.Begin(frame, LinkFrame.Shortest, _peer, _device.Address, LinkKind.Credit, 0);
        bytes[LinkFrame.BodyPlace..].Clear();
        LinkFrame.Write32(bytes, LinkFrame.BodyPlace, upTo);
        (await _device.SendAsync(frame, cancellationToken).ConfigureAwait(false)).ThrowIfFailed();
    }

    private async ValueTask AnnounceAsync(CancellationToken cancellationToken)
    {
        Frame frame = await _device.RentAsync(cancellationToken).ConfigureAwait(false);
        Announcement.Write(frame, _device);
        (await _device.SendAsync(frame, cancellationToken).ConfigureAwait(false)).ThrowIfFailed();
    }

    private long CountInterrupts()
    {
        foreach (NetworkCounter counter in _device.Counters)
        {
            if (counter.Name == "interrupts")
                return counter.Value;
        }

        return 0;
    }

    /// <summary>Adds the burst that is over to the totals.</summary>
    private void TakeTotals()
    {
        if (_checker is null || _sender is null)
            return;
        _checker.Finish();
        Totals.Add(_checker, _sender);
        _checker = null;
        _sender = null;
    }

    private delegate void AnswerWriter(Span<byte> bytes, LinkStation station);
}
