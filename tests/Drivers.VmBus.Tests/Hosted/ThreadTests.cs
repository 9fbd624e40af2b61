using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Drivers.VmBus.Connections;
using GuestOS.Drivers.VmBus.Hypervisor;
using GuestOS.Drivers.VmBus.Offers;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Drivers.VmBus.Tests.Channels;
using GuestOS.Sandbox.Memory;
using GuestOS.Sandbox.Partition;
using GuestOS.Sandbox.VmBus;
using GuestOS.Testing;
using GuestOS.Testing.VmBus;
using Xunit;

namespace GuestOS.Drivers.VmBus.Tests.Hosted;

/// <summary>Real threads on both sides: no order of things is chosen, and each wait ends by an event.</summary>
public sealed class ThreadTests
{
    private const int Senders = 4;
    private const int Requests = 300;

    [Fact]
    public async Task Many_senders_on_real_threads_lose_nothing_and_a_rescind_among_them_ends_them_all()
    {
        var log = new ListLog();
        var memory = new SimulatedMemory(new Random(1));
        using var partition = new SimulatedPartition(TimeProvider.System, memory, log);
        var info = HypervisorInfo.Detect(partition.Platform.CpuId);
        var calls = new Hypercalls(partition.Platform, info, GuestOsId.OpenSource(GuestOsId.OsType, 0, 1, 0));
        Assert.Null(calls.Enable());
        using var host = new VmBusHost(new PartitionTransport(partition), new VmBusHostOptions { StepsSingly = false });
        var device = host.Offer(new EchoDevice(1));
        var bus = new VmBusConnection(partition.Platform, calls, new VirtualProcessors(partition.Platform, info), new Observer());
        using var synic = new SynIc(partition.Platform, info, bus.Source);
        synic.Start();
        var pages = memory.PageCount;
        await bus.ConnectAsync(synic);
        for (var round = 0; round < 10; round++)
        {
            var channel = Assert.Single(bus.Devices).Channel;
            await channel.OpenAsync(Options());
            var echoes = await Task.WhenAll(Enumerable.Range(0, Senders).Select(sender => Task.Run(() => SendAsync(channel, sender))));
            Assert.All(echoes, count => Assert.Equal(Requests, count));
            await channel.CloseAsync();
        }

        var last = Assert.Single(bus.Devices).Channel;
        await last.OpenAsync(Options());
        var cut = Enumerable.Range(0, Senders).Select(sender => Task.Run(() => SendAsync(last, sender))).ToArray();
        await last.RequestAsync(new byte[8], new byte[8], TimeSpan.FromSeconds(30));
        host.Rescind(device);
        Assert.All(await Task.WhenAll(cut), count => Assert.InRange(count, 0, Requests));
        await last.CloseAsync();
        Assert.True(await bus.UnloadAsync());
        Assert.Equal(pages, memory.PageCount);
        Assert.Empty(memory.Violations);
        Assert.Empty(host.GuestErrors);
        Assert.DoesNotContain(log.Lines, line => line.Level == GuestOS.Machine.LogLevel.Error);
    }

    private static ChannelOpenOptions Options() => new()
    {
        Handler = new TestHandler(), SendRingSize = 8192, ReceiveRingSize = 8192, MostRequests = 3, Budget = 4,
    };

    private static async Task<int> SendAsync(VmBusChannel channel, int sender)
    {
        var payload = new byte[400];
        var answer = new byte[400];
        for (var i = 0; i < Requests; i++)
        {
            payload[1] = (byte)i;
            payload[2] = (byte)sender;
            try
            {
                await channel.RequestAsync(payload, answer, TimeSpan.FromMinutes(1));
            }
            catch (VmBusException e) when (e.Kind is VmBusErrorKind.Rescinded or VmBusErrorKind.Broken)
            {
                return i;
            }

            Assert.Equal(payload, answer);
        }

        return Requests;
    }

    private sealed class Observer : IVmBusObserver
    {
        public void OnOffered(VmBusDevice device)
        {
        }

        public ValueTask OnRescindedAsync(VmBusDevice device) => default;

        public void OnBroken(VmBusDevice device, string reason)
        {
        }
    }
}
