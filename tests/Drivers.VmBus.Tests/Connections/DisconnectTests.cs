using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Drivers.VmBus.Connections;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Messages;
using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Drivers.VmBus.Tests.Channels;
using GuestOS.Machine;
using GuestOS.Testing;
using GuestOS.Testing.VmBus;
using Xunit;

namespace GuestOS.Drivers.VmBus.Tests.Connections;

public sealed class DisconnectTests
{
    private static readonly VmBusOptions Quick = new() { AnswerTimeout = TimeSpan.FromSeconds(2), UnloadTimeout = TimeSpan.FromSeconds(5) };

    [Fact]
    public void Unloading_closes_every_channel_first_and_leaves_nothing_with_the_host()
    {
        using var bus = Connect(out var handler, out var request);
        var buffer = bus.Machine.Memory.Allocate(4096, DmaConstraints.None);
        var gpadl = bus.Run(bus[1].Channel.CreateGpadlAsync(buffer));
        var device = bus[1];
        Assert.True(bus.Run(bus.Bus.UnloadAsync()));
        Assert.Equal([MessageType.CloseChannel, MessageType.GpadlTeardown, MessageType.Unload], bus.Host.Types.TakeLast(3));
        Assert.Equal((VmBusState.Disconnected, 0, default(VmBusVersion)), (bus.Bus.State, bus.Bus.Devices.Count, bus.Bus.Version));
        Assert.Equal((ChannelEnd.Disconnected, RequestStatus.Closed), (Assert.Single(handler.Ends), Assert.Single(request.Completions).Status));
        Assert.Equal(GpadlEnd.Free, bus.Run(gpadl.TeardownAsync()));
        buffer.Dispose();
        bus.Settle();
        Assert.Equal((0, 0L, ChannelStatus.Released, true), (bus.PagesInUse, bus.Bus.Counters.LeakedBytes, device.Channel.Status, device.Channel.Rescinded.IsCancellationRequested));
        Assert.Equal(["offered 1", "offered 2"], bus.Told);
        Assert.True(bus.Run(bus.Bus.UnloadAsync()));
        bus.Connect();
        Assert.Equal(2, bus.Bus.Devices.Count);
    }

    [Fact]
    public void A_host_that_does_not_answer_UNLOAD_is_waited_for_so_long_and_keeps_the_memory_until_the_next_contact()
    {
        using var bus = Connect(out _, out var request);
        bus.Host.Silent.UnionWith([MessageType.Unload, MessageType.GpadlTeardown]);
        Assert.False(bus.Run(bus.Bus.UnloadAsync()));
        Assert.InRange(bus.Machine.Clock.Elapsed.TotalSeconds, 7, 8.1);
        Assert.Equal(RequestStatus.Lost, Assert.Single(request.Completions).Status);
        Assert.Equal(((3 + 8) * 4096L, 3 + 8), (bus.Bus.Counters.LeakedBytes, bus.PagesInUse));
        bus.Host.Silent.Clear();
        bus.Connect();
        Assert.Equal((0L, 3), (bus.Bus.Counters.LeakedBytes, bus.PagesInUse));
    }

    [Fact]
    public void A_handler_that_hangs_does_not_hold_the_unloading_up()
    {
        using var bus = Connect(out var handler, out _);
        var unloaded = false;
        handler.Packet = (_, _) =>
        {
            // As long as this runs, the channel is in use.
            unloaded = bus.Run(bus.Bus.UnloadAsync());
            Assert.Equal(8, bus.PagesInUse);
        };
        bus.Host.Channels[1].Write(PacketType.InBand, 0, [1]);
        bus.Settle();
        Assert.True(unloaded);
        bus.Advance(10);
        Assert.Equal((0, 1), (bus.PagesInUse, handler.Ends.Count));
    }

    [Fact]
    public void Unloading_ends_a_contact_and_an_opening_that_are_under_way()
    {
        using var bus = new BusFixture(options: Quick);
        bus.Host.Silent.Add(MessageType.InitiateContact);
        var contact = bus.Bus.ConnectAsync(bus.SynIc).AsTask();
        bus.Settle();
        Assert.True(bus.Run(bus.Bus.UnloadAsync()));
        Assert.Equal(VmBusErrorKind.Disconnected, Assert.Throws<VmBusException>(() => bus.Run(contact)).Kind);
        Assert.Equal(0, bus.PagesInUse);
        bus.Host.Silent.Clear();
        bus.Host.Offers.Add(ScriptedHost.Offer(1));
        bus.Connect();
        bus.Host.Silent.Add(MessageType.OpenChannel);
        var open = bus[1].Channel.OpenAsync(new ChannelOpenOptions { Handler = new TestHandler() }).AsTask();
        bus.Settle();
        Assert.True(bus.Run(bus.Bus.UnloadAsync()));
        Assert.Throws<VmBusException>(() => bus.Run(open));
        bus.Settle();
        Assert.Equal(0, bus.PagesInUse);
    }

    [Fact]
    public void Two_who_unload_share_one_goodbye()
    {
        using var bus = Connect(out _, out _);
        var first = bus.Bus.UnloadAsync().AsTask();
        var second = bus.Bus.UnloadAsync().AsTask();
        bus.Run(first);
        bus.Run(second);
        Assert.True(first.Result && second.Result);
        Assert.Single(bus.Host.Types, MessageType.Unload);
    }

    [Fact]
    public void Suspended_devices_keep_their_objects_under_new_ids_and_those_that_are_gone_are_rescinded()
    {
        using var bus = Connect(out var handler, out var request);
        bus[1].Channel.MostSubchannels = 1;
        bus.Host.SendOffer(ScriptedHost.Offer(3, instance: 1, subchannel: 1));
        bus.Settle();
        var stays = bus[1];
        var goes = bus[2];
        var subchannel = stays.Channel.Subchannels[0];
        bus.Run(bus.Bus.SuspendAsync());
        Assert.Equal((VmBusState.Suspended, 2, ChannelStatus.Suspended), (bus.Bus.State, bus.Bus.Devices.Count, stays.Channel.Status));
        Assert.Equal((ChannelEnd.Disconnected, RequestStatus.Closed), (Assert.Single(handler.Ends), Assert.Single(request.Completions).Status));
        Assert.Equal(0, bus.PagesInUse);
        Assert.Equal(VmBusErrorKind.Disconnected, bus.Fails(stays.Channel.OpenAsync(new ChannelOpenOptions { Handler = handler })).Kind);
        bus.Host.Offers.Clear();
        var again = ScriptedHost.Offer(11, instance: 1);
        again.MmioMegabytes = 5;
        bus.Host.Offers.AddRange([ScriptedHost.Offer(12, instance: 4), again]);
        bus.Host.Highest = VmBusVersion.V4_0;
        bus.Run(bus.Bus.ResumeAsync());
        Assert.Equal(VmBusVersion.V4_0, bus.Bus.Version);
        Assert.Equal(["offered 1", "offered 2", "offered 12", "rescinded 2"], bus.Told);
        Assert.Same(stays, bus[11]);
        Assert.Equal((5, ChannelStatus.Closed, ChannelStatus.Released), (stays.MmioMegabytes, stays.Channel.Status, goes.Channel.Status));
        Assert.DoesNotContain(MessageType.RelIdReleased, bus.Host.Types);
        Assert.Equal(ChannelStatus.Suspended, subchannel.Status);
        bus.Run(stays.Channel.OpenAsync(new ChannelOpenOptions { Handler = handler }));
        var offered = new List<VmBusChannel>();
        stays.Channel.SubchannelOffered = offered.Add;
        bus.Host.SendOffer(ScriptedHost.Offer(13, instance: 1, subchannel: 1));
        bus.Settle();
        Assert.Same(subchannel, Assert.Single(offered));
        bus.Host.Channels[11].Write(PacketType.InBand, 0, [1]);
        bus.Settle();
        Assert.Single(handler.Packets);
    }

    [Fact]
    public void A_resume_that_fails_leaves_the_connection_suspended()
    {
        using var bus = Connect(out _, out _);
        bus.Run(bus.Bus.SuspendAsync());
        bus.Run(bus.Bus.SuspendAsync());
        bus.Host.Silent.Add(MessageType.InitiateContact);
        Assert.Equal(VmBusErrorKind.TimedOut, bus.Fails(bus.Bus.ResumeAsync()).Kind);
        Assert.Equal((VmBusState.Suspended, 2), (bus.Bus.State, bus.Bus.Devices.Count));
        bus.Host.Silent.Clear();
        bus.Run(bus.Bus.ResumeAsync());
        Assert.Equal(["offered 1", "offered 2"], bus.Told);
        Assert.Equal(3, bus.PagesInUse);
        bus.Run(bus.Bus.SuspendAsync());
        Assert.True(bus.Run(bus.Bus.UnloadAsync()));
        Assert.Equal((VmBusState.Disconnected, 0), (bus.Bus.State, bus.Bus.Devices.Count));
    }

    [Fact]
    public void A_rescind_while_suspended_users_hang_is_released_without_a_word()
    {
        using var bus = Connect(out _, out _);
        var users = new TaskCompletionSource();
        bus.LetGo = _ => users.Task;
        var device = bus[2];
        bus.Host.Rescind(2);
        bus.Settle();
        bus.Run(bus.Bus.SuspendAsync());
        users.SetResult();
        bus.Settle();
        Assert.Equal(ChannelStatus.Released, device.Channel.Status);
        Assert.DoesNotContain(MessageType.RelIdReleased, bus.Host.Types);
    }

    [Fact]
    public void A_dying_kernel_says_goodbye_without_lock_and_memory()
    {
        using var bus = Connect(out _, out _);
        bus.Host.Instead[MessageType.Unload] = _ => { };
        Assert.False(bus.Bus.UnloadAtPanic(3));
        var hasEnded = false;
        Assert.Equal(0, Allocations.Least(() => hasEnded |= bus.Bus.UnloadAtPanic(0)));
        Assert.False(hasEnded);
        Assert.Single(bus.Host.Types, MessageType.Unload);
        bus.Host.Instead.Clear();
        Assert.True(bus.Bus.UnloadAtPanic(3));
        using var never = new BusFixture();
        Assert.True(never.Bus.UnloadAtPanic(1));
    }

    private static BusFixture Connect(out TestHandler handler, out TestRequest request)
    {
        var bus = new BusFixture(options: Quick);
        bus.Host.Offers.AddRange([ScriptedHost.Offer(1, instance: 1), ScriptedHost.Offer(2, instance: 2)]);
        bus.Connect();
        handler = new TestHandler();
        request = new TestRequest();
        bus.Run(bus[1].Channel.OpenAsync(new ChannelOpenOptions { Handler = handler }));
        Assert.Equal(SendResult.Sent, bus[1].Channel.TrySendRequest(request, [1]));
        return bus;
    }
}
