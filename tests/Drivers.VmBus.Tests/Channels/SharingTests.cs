using GuestOS.Drivers.VmBus.Channels;
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

    [Fact]
    public void Sharing_that_the_host_has_not_answered_fails_when_the_connection_ends()
    {
        using var bus = Connect();
        var channel = bus[1].Channel;
        bus.Run(channel.OpenAsync(new ChannelOpenOptions { Handler = new TestHandler() }));
        bus.Host.Silent.Add(MessageType.GpadlHeader);
        var sharing = channel.CreateGpadlAsync(bus.Machine.Memory.Allocate(4096, DmaConstraints.None)).AsTask();
        bus.Settle();
        bus.Run(bus.Bus.UnloadAsync());
        Assert.Equal(VmBusErrorKind.Disconnected, Assert.Throws<VmBusException>(() => bus.Run(sharing)).Kind);
    }

    private static BusFixture Connect()
    {
        var bus = new BusFixture();
        bus.Host.Offers.Add(ScriptedHost.Offer(1));
        bus.Connect();
        return bus;
    }
}
