using GuestOS.Sandbox.VmBus;
using Xunit;

namespace GuestOS.Sandbox.Tests.VmBus;

public sealed class SaveTests : BusTest
{
    [Fact]
    public void An_open_channel_goes_on_in_another_host()
    {
        Start();
        var first = new RecordingProvider { Echoes = true };
        Host.Offer(first);
        var gone = new RecordingProvider { Offer = first.Offer with { InstanceId = Guid.NewGuid() } };
        Host.Offer(gone);
        var offers = ConnectAndList(0x50003, vp: 1);
        var channel = OpenChannel(offers[0], vp: 1);
        OpenChannel(offers[1]);
        channel.Out.PutPacket(6, 0, 1, default, [1]);
        Signal(channel);
        Assert.Equal(1, channel.In.Take()![16]);
        channel.Out.PutPacket(6, 0, 2, default, [2]);

        var saved = Host.Save()!;
        Assert.Equal(CloseReason.Saved, Assert.Single(first.Closed).Reason);
        Assert.Equal((2, 2), (saved.Channels.Count, saved.Gpadls.Count));
        Assert.Empty(Guest.Messages);
        Assert.Equal(0x12, Guest.Signal(channel.Connection));
        Assert.Null(Host.Save());

        using var host = new VmBusHost(new PartitionTransport(Guest.Partition));
        var second = new RecordingProvider { Echoes = true };
        host.Offer(second);
        var added = new RecordingProvider { Offer = first.Offer with { InstanceId = Guid.NewGuid() } };
        host.Offer(added);
        Settle();
        host.Restore(saved);
        Settle();
        // What was in the ring is served, on the processor that the guest had chosen.
        Assert.True(Assert.Single(second.Opened).IsRestored);
        Assert.Equal(2, channel.In.Take()![16]);
        Assert.Equal((1, 2, 1), Guest.Events[^1]);
        // The device that is not here is taken back, the new one is offered.
        Assert.Equal(Hex.Parse("02 00 00 00 00 00 00 00 02 00 00 00"), Guest.Take());
        Assert.Equal((1u, 3u), (HandGuest.Word(Guest.Messages.Peek().Payload, 0), HandGuest.Word(Guest.Take(), 184)));
        channel.Out.PutPacket(6, 0, 3, default, [3]);
        Signal(channel);
        Assert.Equal(3, channel.In.Take()![16]);
        Post(HandGuest.Words(7, 0, 1));
        Post(HandGuest.Words(11, 0, 1, channel.Gpadl));
        Assert.Equal(12, Guest.Take()[0]);
        Assert.Empty(host.GuestErrors);
        Assert.Empty(Memory.Violations);
    }

    [Fact]
    public void Subchannels_and_paused_messages_survive()
    {
        Start();
        var first = new RecordingProvider();
        Host.Offer(first);
        OpenChannel(ConnectAndList(0x60000, at16: 2 | (0x20UL << 32))[0]);
        first.Opened[0].OfferSubchannels(1);
        Settle();
        var sub = OpenChannel(Guest.Take());
        Post(HandGuest.Words(27, 0));
        Guest.Take();
        Host.Offer(new RecordingProvider { Offer = first.Offer with { InstanceId = Guid.NewGuid() } });
        Settle();
        var saved = Host.Save()!;
        using var host = new VmBusHost(new PartitionTransport(Guest.Partition));
        var second = new RecordingProvider { Echoes = true };
        host.Offer(second);
        host.Restore(saved);
        Settle();
        Assert.Equal(2, second.Opened.Count);
        sub.Out.PutPacket(6, 0, 3, default, [3]);
        Signal(sub);
        Assert.NotNull(sub.In.Take());
        Assert.Empty(Guest.Messages);
        Post(HandGuest.Words(29, 0));
        // The offer that waited, and its rescind: the device is not in this host.
        Assert.Equal([1u, 2u], [HandGuest.Word(Guest.Take(), 0), HandGuest.Word(Guest.Take(), 0)]);
        Assert.Throws<InvalidOperationException>(() => host.Restore(saved));
    }

    [Fact]
    public void Memory_that_is_not_there_any_more_is_an_error()
    {
        Start();
        Host.Offer(new RecordingProvider());
        var channel = OpenChannel(ConnectAndList(0x50003)[0]);
        var saved = Host.Save()!;
        channel.Buffer.Dispose();
        using var host = new VmBusHost(new PartitionTransport(Guest.Partition));
        Assert.Contains("0xe1e10", Assert.Throws<InvalidOperationException>(() => host.Restore(saved)).Message, StringComparison.Ordinal);
    }
}
