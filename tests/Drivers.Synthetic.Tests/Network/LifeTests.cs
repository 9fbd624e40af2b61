using GuestOS.Machine.Network;
using GuestOS.Sandbox.Network;
using GuestOS.Sandbox.VmBus;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Network;

/// <summary>Filters, link, holding, suspending, queues, and the end.</summary>
public sealed class LifeTests
{
    private static readonly MacAddress Group = new(0x0100_5E00_0001);

    [Fact]
    public void Groups_are_received_when_asked_for()
    {
        using var machine = NetworkMachine.Started();
        var toGroup = Frames.Random(machine.Random, 100, new MacAddress(Frames.Peer), Group.Value);
        var toOther = Frames.Random(machine.Random, 100, new MacAddress(Frames.Peer), 0x0200_0000_0055);
        var toAll = Frames.Random(machine.Random, 100, new MacAddress(Frames.Peer), 0xFFFF_FFFF_FFFF);
        AssertReceives(1);
        machine.Run(machine.Adapter.SetFilterAsync(new ReceiveFilter { Multicast = [Group, Group] })).ThrowIfFailed();
        Assert.Equal((0xBu, Group.Value), (machine.Provider.Filter, Assert.Single(machine.Provider.Multicast)));
        AssertReceives(2);
        machine.Run(machine.Adapter.SetFilterAsync(new ReceiveFilter { AllMulticast = true })).ThrowIfFailed();
        Assert.Equal(0xDu, machine.Provider.Filter);
        AssertReceives(2);
        machine.Run(machine.Adapter.SetFilterAsync(new ReceiveFilter { Promiscuous = true })).ThrowIfFailed();
        AssertReceives(3);
        Assert.True(machine.Adapter.Filter.Promiscuous);
        Assert.Equal(NetworkErrorKind.InvalidRequest, machine.Run(machine.Adapter.SetFilterAsync(new ReceiveFilter { Multicast = [machine.Adapter.Address] })).Error?.Kind);
        machine.AssertClean();

        void AssertReceives(int count)
        {
            foreach (var frame in (byte[][])[toGroup, toOther, toAll])
                machine.Inject(frame);
            machine.Settle();
            Assert.Equal(count, machine.TakeReceived().Count);
        }
    }

    [Fact]
    public void A_host_without_multicast_lists_sends_all_groups()
    {
        using var machine = NetworkMachine.Started();
        var refused = 0;
        machine.Provider.Mangle = (name, bytes) =>
        {
            if (name == "rndis 80000005" && refused++ == 0)
                BitConverter.TryWriteBytes(bytes.AsSpan(12), 0xC000_00BB);
            return bytes;
        };
        machine.Run(machine.Adapter.SetFilterAsync(new ReceiveFilter { Multicast = [Group] })).ThrowIfFailed();
        Assert.Equal(0xDu, machine.Provider.Filter);
    }

    [Fact]
    public void The_link_is_told()
    {
        using var machine = NetworkMachine.Started();
        var told = new List<LinkStatus>();
        machine.Adapter.LinkChanged += told.Add;
        machine.Provider.SetLink(isUp: false);
        machine.Settle();
        machine.Provider.SetLink(isUp: true, speed: 25_000_0000);
        machine.Settle();
        machine.Provider.SetLink(isUp: true);
        machine.Provider.ChangeNetwork();
        machine.Settle();
        Assert.Equal(
            [
                new LinkStatus(false, 10_000, true), new LinkStatus(false, 25_000, true), new LinkStatus(true, 25_000, true), LinkStatus.Down,
                new LinkStatus(true, 25_000, true),
            ],
            told);
        machine.AssertClean();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_speed_is_understood_counted_in_the_message_or_not(bool counts)
    {
        using var machine = NetworkMachine.Started(new NetworkOptions { CountsStatusBuffer = counts });
        machine.Provider.SetLink(isUp: true, speed: 100_000);
        machine.Settle();
        Assert.Equal(10, machine.Adapter.Link.MegabitsPerSecond);
        machine.AssertClean();
    }

    [Fact]
    public void A_keep_alive_is_answered()
    {
        using var machine = NetworkMachine.Started();
        machine.Provider.KeepAlive();
        machine.Settle();
        machine.Provider.KeepAlive();
        machine.Settle();
        Assert.Equal(2, machine.Provider.KeepAliveAnswers);
        machine.AssertClean();
    }

    [Fact]
    public void Holding_waits_for_what_is_on_its_way_and_loses_nothing()
    {
        using var machine = NetworkMachine.Started();
        for (var i = 0; i < 20; i++)
            Assert.True(machine.Adapter.SendAsync(machine.Rent(Numbered(machine, i))).IsCompletedSuccessfully);
        machine.Run(machine.Adapter.QuiesceAsync()).ThrowIfFailed();
        Assert.Equal((20, 0, 0u), (machine.Wire.Count, machine.Adapter.Outstanding, machine.Provider.Filter));
        var later = Enumerable.Range(20, 30).Select(i => machine.Adapter.SendAsync(machine.Rent(Numbered(machine, i))).AsTask()).ToList();
        machine.Inject(Frames.Random(machine.Random, 100, new MacAddress(Frames.Peer), machine.Adapter.Address.Value));
        machine.Settle();
        Assert.Equal(20, machine.Wire.Count);
        Assert.All(later, task => Assert.False(task.IsCompleted));
        Assert.Empty(machine.TakeReceived());
        machine.Run(machine.Adapter.ResumeAsync()).ThrowIfFailed();
        machine.Run(Task.WhenAll(later));
        machine.Settle();
        Assert.Equal(Enumerable.Range(0, 50), machine.Wire.Select(frame => (int)frame.Data[14]));
        machine.AssertEchoes();
        machine.AssertClean();
    }

    [Fact]
    public void Suspending_gives_the_host_everything_back_and_resuming_goes_on()
    {
        using var machine = NetworkMachine.Started(processors: 3);
        machine.Run(machine.Adapter.SetFilterAsync(new ReceiveFilter { Multicast = [Group] })).ThrowIfFailed();
        for (var round = 0; round < 3; round++)
        {
            machine.AssertEchoes();
            machine.Run(machine.Controller.SuspendAsync(default));
            Assert.Equal((0, NetworkStage.Closed), (machine.Host.GpadlCount, machine.Provider.Stage));
            var waits = machine.Adapter.SendAsync(machine.Rent(Numbered(machine, round))).AsTask();
            machine.Settle();
            Assert.False(waits.IsCompleted);
            machine.Run(machine.Controller.ResumeAsync(default));
            machine.Run(waits);
            machine.Settle();
            Assert.Equal(round, machine.Wire[^1].Data[14]);
            Assert.Equal(0xBu, machine.Provider.Filter);
            Assert.Equal(3, machine.Adapter.Queues);
        }

        machine.DetachAll();
        machine.AssertClean();
        machine.AssertNothingLeft();
    }

    [Fact]
    public void An_adapter_that_has_another_address_after_a_suspension_is_not_taken_for_the_one_before()
    {
        using var machine = NetworkMachine.Started();
        var address = machine.Adapter.Address;
        machine.Run(machine.Controller.SuspendAsync(default));
        machine.Provider.Mangle = (name, bytes) =>
        {
            if (name == "rndis 80000004" && bytes.Length == 24 + MacAddress.Size)
                bytes[^1] ^= 1;
            return bytes;
        };
        Assert.Contains($"was {address} and is", Assert.Throws<IOException>(() => machine.Run(machine.Controller.ResumeAsync(default))).Message);
        Assert.Equal((NetworkStage.Closed, 0, address), (machine.Provider.Stage, machine.Host.GpadlCount, machine.Adapter.Address));
        machine.Provider.Mangle = null;
        machine.Run(machine.Controller.ResumeAsync(default));
        machine.AssertEchoes();
        machine.DetachAll();
        machine.AssertClean();
        machine.AssertNothingLeft();
    }

    [Fact]
    public void More_than_there_is_room_for_waits_and_goes_in_order()
    {
        using var machine = NetworkMachine.Started(
            new NetworkOptions(), host: new VmBusHostOptions { StepsSingly = false, ChannelLatency = TimeSpan.FromMicroseconds(50) }, options: ("send", "64"));
        var senders = Enumerable.Range(0, 500).Select(i => machine.SendAsync(Numbered(machine, i, 1000))).ToList();
        machine.Run(Task.WhenAll(senders));
        machine.Settle();
        Assert.Equal(Enumerable.Range(0, 500), machine.Wire.Select(frame => frame.Data[14] | (frame.Data[15] << 8)));
        Assert.Equal(500, machine.Adapter.Statistics.SentFrames);
        Assert.Contains(machine.Adapter.Counters, counter => counter is { Name: "send: no section free", Value: > 0 });
        machine.AssertClean();
    }

    [Fact]
    public void A_waiting_frame_can_be_given_up()
    {
        using var machine = NetworkMachine.Started();
        machine.Run(machine.Adapter.QuiesceAsync()).ThrowIfFailed();
        using var stop = new CancellationTokenSource();
        var task = machine.Adapter.SendAsync(machine.Rent(new byte[100]), stop.Token).AsTask();
        stop.Cancel();
        Assert.True(task.IsCanceled);
        machine.Run(machine.Adapter.ResumeAsync()).ThrowIfFailed();
        machine.AssertEchoes();
        Assert.Single(machine.Wire);
    }

    [Fact]
    public void A_program_that_takes_nothing_costs_frames_but_not_the_host()
    {
        using var machine = NetworkMachine.Started();
        for (var i = 0; i < 1000; i++)
        {
            machine.Inject(Frames.Random(machine.Random, 200, new MacAddress(Frames.Peer), machine.Adapter.Address.Value));
            machine.Settle();
        }

        Assert.Equal((384L, 616L), (machine.Adapter.Statistics.ReceivedFrames, machine.Adapter.Statistics.ReceiveDropped));
        Assert.Equal(384, machine.TakeReceived().Count);
        Assert.Equal((0, 0L), (machine.Provider.Outstanding, machine.Provider.Dropped));
        machine.AssertEchoes();
        machine.AssertClean();
    }

    [Fact]
    public void Every_processor_has_a_queue_and_flows_are_spread()
    {
        using var machine = NetworkMachine.Started(processors: 4);
        Assert.Equal((4, 4), (machine.Adapter.Queues, machine.Provider.OpenChannels));
        Assert.Equal([true, false], machine.Provider.RssHistory.Select(one => one.IsDisabled));
        Assert.Equal([0u, 1, 2, 3], machine.Provider.Rss!.Table.Distinct().Order().ToArray());
        machine.Echoes = true;
        for (var flow = 0; flow < 64; flow++)
        {
            for (var i = 0; i < 3; i++)
                machine.Send(Frames.Ip(new Random(flow), false, true, 100, machine.Adapter.Address, (ushort)(1000 + flow)));
        }

        var channels = machine.Provider.GuestFrames.GroupBy(frame => frame.Data[34] << 8 | frame.Data[35], frame => frame.Channel).ToList();
        Assert.All(channels, flow => Assert.Single(flow.Distinct()));
        Assert.Equal([0, 1, 2, 3], channels.Select(flow => flow.First()).Distinct().Order().ToArray());
        var received = machine.TakeReceived();
        Assert.Equal(192, received.Count);
        Assert.True(received.Select(one => one.Offload.Hash).Distinct().Count() > 30);
        machine.Provider.SendTable([2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]);
        machine.Settle();
        machine.Provider.GuestFrames.Clear();
        for (var flow = 0; flow < 16; flow++)
            machine.Send(Frames.Ip(new Random(flow), false, true, 100, machine.Adapter.Address, (ushort)(1000 + flow)));
        Assert.All(machine.Provider.GuestFrames, frame => Assert.Equal(2, frame.Channel));
        machine.DetachAll();
        machine.AssertClean();
        machine.AssertNothingLeft();
    }

    [Fact]
    public void A_virtual_function_is_noticed()
    {
        using var machine = NetworkMachine.Started();
        machine.Provider.AssociateVirtualFunction(true, 42);
        machine.Settle();
        Assert.Equal(42u, machine.Adapter.Session!.VirtualFunction.SerialNumber);
        machine.AssertEchoes();
        machine.AssertClean();
    }

    [Fact]
    public void A_detached_adapter_fails_whoever_waits()
    {
        using var machine = NetworkMachine.Started();
        var adapter = machine.Adapter;
        var told = new List<LinkStatus>();
        adapter.LinkChanged += told.Add;
        machine.Run(adapter.QuiesceAsync()).ThrowIfFailed();
        var send = adapter.SendAsync(machine.Rent(new byte[100])).AsTask();
        var late = machine.Rent(new byte[100]);
        var receive = adapter.ReceiveAsync(new Frame[1]).AsTask();
        machine.DetachAll();
        Assert.Equal(NetworkErrorKind.Gone, send.Result.Error?.Kind);
        Assert.Equal(0, receive.Result);
        Assert.Equal([LinkStatus.Down], told);
        Assert.Empty(machine.Adapters);
        Assert.Equal(NetworkErrorKind.Gone, machine.Run(adapter.SendAsync(late)).Error?.Kind);
        Assert.Equal(NetworkErrorKind.Gone, machine.Run(adapter.SetFilterAsync(ReceiveFilter.Station)).Error?.Kind);
        Assert.Equal(NetworkErrorKind.Gone, machine.Run(adapter.QuiesceAsync()).Error?.Kind);
        Assert.Throws<ObjectDisposedException>(() => machine.Run(adapter.RentAsync()));
        machine.AssertClean();
        machine.AssertNothingLeft();
    }

    private static byte[] Numbered(NetworkMachine machine, int number, int length = 100)
    {
        var frame = Frames.Random(machine.Random, length, machine.Adapter.Address);
        frame[14] = (byte)number;
        frame[15] = (byte)(number >> 8);
        return frame;
    }
}
