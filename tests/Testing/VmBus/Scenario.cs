using System.Runtime.InteropServices;
using GuestOS.Drivers.VmBus;
using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Drivers.VmBus.Connections;
using GuestOS.Drivers.VmBus.Hypervisor;
using GuestOS.Drivers.VmBus.Offers;
using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Sandbox.Memory;
using GuestOS.Machine;

namespace GuestOS.Testing.VmBus;

/// <summary>A day in the life of a connection. With a host that keeps to the protocol all of it succeeds.</summary>
internal sealed class Scenario
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly VmBusConnection _bus;
    private readonly SynIc _synic;
    private readonly SimulatedMemory _memory;
    private readonly TimeProvider _clock;
    private readonly Random _random;

    public Scenario(VmBusConnection bus, SynIc synic, SimulatedMemory memory, TimeProvider clock, int seed)
    {
        _bus = bus;
        _synic = synic;
        _memory = memory;
        _clock = clock;
        _random = new Random(seed);
    }

    /// <summary>Requests at a time, and packets in a row.</summary>
    public int Load { get; init; } = 20;

    /// <summary>Each channel is opened, used and closed once; nothing is shared, moved or suspended.</summary>
    public bool IsBrief { get; init; }

    /// <summary>Exchanges that gave what they should.</summary>
    public int Successes { get; private set; }

    /// <summary>What did not.</summary>
    public List<string> Failures { get; } = [];

    public async Task RunAsync()
    {
        if (!await TryAsync("connect", () => _bus.ConnectAsync(_synic)).ConfigureAwait(false))
            return;
        await UseAllAsync().ConfigureAwait(false);
        if (!IsBrief)
        {
            await TryAsync("suspend", () => _bus.SuspendAsync()).ConfigureAwait(false);
            await TryAsync("resume", () => _bus.ResumeAsync()).ConfigureAwait(false);
            await UseAllAsync().ConfigureAwait(false);
        }

        await TryAsync("unload", async () => Check("unload is answered", await _bus.UnloadAsync().ConfigureAwait(false))).ConfigureAwait(false);
    }

    private Task UseAllAsync() => Task.WhenAll(_bus.Devices.ToArray().Select(UseAsync));

    private async Task UseAsync(VmBusDevice device)
    {
        var channel = device.Channel;
        var subchannels = new Queue<VmBusChannel>();
        channel.MostSubchannels = 2;
        channel.SubchannelOffered = subchannels.Enqueue;
        if (!await TryAsync("open", () => channel.OpenAsync(Options(0))).ConfigureAwait(false))
            return;
        await ExchangeAsync(channel).ConfigureAwait(false);
        if (!IsBrief)
            await UseFurtherAsync(channel, subchannels).ConfigureAwait(false);
        await channel.CloseAsync().ConfigureAwait(false);
    }

    private async Task UseFurtherAsync(VmBusChannel channel, Queue<VmBusChannel> subchannels)
    {
        await ShareAsync(channel).ConfigureAwait(false);
        await TryAsync("ask for subchannels", () => RequestAsync(channel, [0xFF, 2, 0, 0, 0, 0, 0, 0])).ConfigureAwait(false);
        await Task.Delay(TimeSpan.FromMilliseconds(100), _clock).ConfigureAwait(false);
        Check("both subchannels are offered", subchannels.Count == 2);
        foreach (var subchannel in subchannels.ToArray())
        {
            if (await TryAsync("open a subchannel", () => subchannel.OpenAsync(Options(1))).ConfigureAwait(false))
                await ExchangeAsync(subchannel).ConfigureAwait(false);
        }

        await TryAsync("move", async () => await channel.MoveToAsync(1).ConfigureAwait(false)).ConfigureAwait(false);
        await ExchangeAsync(channel).ConfigureAwait(false);
    }

    private static ChannelOpenOptions Options(int processor) => new()
    {
        Handler = new TestHandler(), SendRingSize = 8192, ReceiveRingSize = 8192, Processor = processor, MostRequests = 8, Budget = 5,
    };

    private async Task ExchangeAsync(VmBusChannel channel)
    {
        for (var i = 0; i < 3; i++)
            await TryAsync("request", () => RequestAsync(channel, Payload(_random.Next(1, 200)))).ConfigureAwait(false);
        // More than there are slots, and more than fit into the ring.
        var many = Enumerable.Range(0, Load).Select(_ => TryAsync("one of many requests", () => RequestAsync(channel, Payload(_random.Next(500, 1500)))));
        await Task.WhenAll(many.ToArray()).ConfigureAwait(false);
        for (var i = 0; i < Load; i++)
            await TryAsync("send", () => SendAsync(channel)).ConfigureAwait(false);
        await TransferAsync(channel).ConfigureAwait(false);
    }

    private async Task TransferAsync(VmBusChannel channel)
    {
        var memory = _memory.Allocate(3 * 4096, DmaConstraints.None);
        var first = memory.PhysicalAddress.Value / 4096;
        var before = Payload(8000);
        before.CopyTo(memory.GetSpan()[100..]);
        var done = new TaskCompletionSource<RequestStatus>();
        var request = new TestRequest();
        request.Completed = () => done.TrySetResult(request.Completions[^1].Status);
        var sent = channel.TrySendRequest(request, new GpaRange { ByteCount = 8000, ByteOffset = 100 }, [first, first + 1], [1]);
        if (sent != SendResult.Sent)
        {
            Check("transfer", false);
            memory.Dispose();
            return;
        }

        var ended = await Task.WhenAny(done.Task, Task.Delay(Patience, _clock)).ConfigureAwait(false);
        EchoDevice.RaiseAll(before);
        Check("transfer", ended == done.Task && memory.GetSpan().Slice(100, 8000).SequenceEqual(before));
        // Memory of a request that is outstanding still stays where it is.
        if (ended == done.Task && done.Task.Result != RequestStatus.Lost)
            memory.Dispose();
    }

    private async Task ShareAsync(VmBusChannel channel)
    {
        var memory = _memory.Allocate(60 * 4096, DmaConstraints.None);
        await TryAsync("share", async () =>
        {
            var gpadl = await channel.CreateGpadlAsync(memory).ConfigureAwait(false);
            if (await gpadl.TeardownAsync().ConfigureAwait(false) == GpadlEnd.Free)
                memory.Dispose();
            else
                Check("share", false);
        }).ConfigureAwait(false);
    }

    private async ValueTask RequestAsync(VmBusChannel channel, byte[] payload)
    {
        var answer = new byte[2000];
        var length = await channel.RequestAsync(payload, answer, Patience).ConfigureAwait(false);
        Check("echo", length == (payload.Length + 7) / 8 * 8 && answer.AsSpan(0, payload.Length).SequenceEqual(payload));
    }

    private async ValueTask SendAsync(VmBusChannel channel)
    {
        // A host that never reads is left to whoever sends.
        using var limit = new CancellationTokenSource(Patience, _clock);
        Check("sent", await channel.SendAsync(Payload(64), limit.Token).ConfigureAwait(false) == SendResult.Sent);
    }

    /// <summary>Words of a linear congruential generator, which chance starts, and zeros behind the last one: cheap, a scenario takes many.</summary>
    private byte[] Payload(int length)
    {
        var bytes = new byte[length];
        var state = (uint)_random.Next();
        foreach (ref var word in MemoryMarshal.Cast<byte, uint>(bytes.AsSpan()))
            word = state = (state * 1664525) + 1013904223;

        bytes[0] &= 0x7F;
        return bytes;
    }

    private void Check(string what, bool isRight)
    {
        if (isRight)
            Successes++;
        else
            Failures.Add(what);
    }

    /// <summary>The only failures that a host can cause are those that the library declares.</summary>
    private async Task<bool> TryAsync(string what, Func<ValueTask> action)
    {
        try
        {
            await action().ConfigureAwait(false);
            Successes++;
            return true;
        }
        catch (VmBusException e)
        {
            Failures.Add($"{what}: {e.Kind}: {e.Message}");
            return false;
        }
    }
}
