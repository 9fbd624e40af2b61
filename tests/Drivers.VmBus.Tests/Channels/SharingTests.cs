using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Drivers.VmBus.Connections;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Messages;
using GuestOS.Drivers.VmBus.Tests.Connections;
using GuestOS.Machine;
using GuestOS.Testing.VmBus;
using Xunit;

namespace GuestOS.Drivers.VmBus.Tests.Channels;

/// <summary>Memory that is shared beside the rings, and who ends the wait for it.</summary>
public sealed class SharingTests
{
    [Fact]
    public void Memory_whose_sharing_was_given_up_is_torn_down_when_the_host_has_taken_it()
    {
        using var bus = Connect();
        var channel = bus[1].Channel;
        bus.Run(channel.OpenAsync(new ChannelOpenOptions { Handler = new TestHandler() }));
        using var source = new CancellationTokenSource();
        byte[]? header = null;
        bus.Host.Instead[MessageType.GpadlHeader] = message => header = message;
        var buffer = bus.Machine.Memory.Allocate(4096, DmaConstraints.None);
        var sharing = channel.CreateGpadlAsync(buffer, source.Token).AsTask();
        bus.Settle();
        source.Cancel();
        Assert.Equal(VmBusErrorKind.Cancelled, Assert.Throws<VmBusException>(() => bus.Run(sharing)).Kind);
        Assert.DoesNotContain(MessageType.GpadlTeardown, bus.Host.Types);
        bus.Host.Instead.Clear();
        bus.Host.Answer(header!);
        bus.Settle();
        Assert.Equal((MessageType.GpadlTeardown, 1), (bus.Host.Types.Last(), bus.Bus.Counters.LateAnswers));
        buffer.Dispose();
    }

    /// <summary>The answer to UNLOAD says that the host has let go of all memory: then the caller may free it.</summary>
    [Theory]
    [InlineData(true, VmBusErrorKind.WrongState)]
    [InlineData(false, VmBusErrorKind.Disconnected)]
    public void Sharing_that_the_host_has_not_answered_fails_when_the_connection_ends_and_says_whose_the_memory_is(bool answers, VmBusErrorKind expected)
    {
        using var bus = Connect();
        var channel = bus[1].Channel;
        bus.Run(channel.OpenAsync(new ChannelOpenOptions { Handler = new TestHandler() }));
        bus.Host.Silent.Add(MessageType.GpadlHeader);
        if (!answers)
            bus.Host.Silent.Add(MessageType.Unload);
        var sharing = channel.CreateGpadlAsync(bus.Machine.Memory.Allocate(4096, DmaConstraints.None)).AsTask();
        bus.Settle();
        Assert.Equal(answers, bus.Run(bus.Bus.UnloadAsync()));
        Assert.Equal(expected, Assert.Throws<VmBusException>(() => bus.Run(sharing)).Kind);
    }

    [Fact]
    public void Memory_cannot_be_shared_without_a_connection_and_stays_the_callers()
    {
        using var bus = Connect();
        var channel = bus[1].Channel;
        bus.Run(bus.Bus.SuspendAsync());
        Assert.Equal(VmBusErrorKind.WrongState, bus.Fails(channel.CreateGpadlAsync(new ulong[1])).Kind);
    }

    /// <summary>A host that has answered UNLOAD may take no messages any more, before the guest has read the answer. Three of the lost pages are the bus's own.</summary>
    [Theory]
    [InlineData(true, GpadlEnd.Free, 0)]
    [InlineData(false, GpadlEnd.Leaked, 4 * 4096)]
    public void Memory_that_is_torn_down_while_the_host_unloads_is_free_when_that_is_answered(bool answers, GpadlEnd expected, long leaked)
    {
        using var bus = Connect();
        var gpadl = bus.Run(bus[1].Channel.CreateGpadlAsync(bus.Machine.Memory.Allocate(4096, DmaConstraints.None)));
        byte[]? unload = null;
        bus.Host.Instead[MessageType.Unload] = message => unload = message;
        var unloading = bus.Bus.UnloadAsync().AsTask();
        bus.Settle();
        bus.Machine.Model.Hypercalls.MessagePorts.Clear();
        var teardown = gpadl.TeardownAsync().AsTask();
        bus.Settle();
        Assert.False(teardown.IsCompleted);
        if (answers)
            bus.Host.Answer(unload!);
        bus.Run(teardown);
        bus.Run(unloading);
        Assert.Equal((expected, leaked), (bus.Run(gpadl.TeardownAsync()), bus.Bus.Counters.LeakedBytes));
    }

    private static BusFixture Connect()
    {
        var bus = new BusFixture(options: new VmBusOptions { UnloadTimeout = TimeSpan.FromSeconds(5) });
        bus.Host.Offers.Add(ScriptedHost.Offer(1));
        bus.Connect();
        return bus;
    }
}
