using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Drivers.VmBus.Tests.Connections;
using GuestOS.Testing.VmBus;
using Xunit;

namespace GuestOS.Drivers.VmBus.Tests.Channels;

/// <summary>Signals both ways: events, the interrupt page and monitor pages, rule V11.</summary>
public sealed class SignalTests
{
    [Fact]
    public void V11_events_of_channels_that_are_closed_or_unknown_are_counted_and_ignored()
    {
        using var bus = SingleChannel.Open(out var channel, out _, out var host);
        bus.Machine.Model.Processors[0].SynIc.TrySignal(2, 0);
        bus.Machine.Model.Processors[0].SynIc.TrySignal(2, 2);
        bus.Machine.Model.Processors[0].SynIc.TrySignal(2, 2000);
        bus.Settle();
        Assert.Equal(0, channel.Counters.Interrupts);
        bus.Run(channel.CloseAsync());
        host.Interrupt();
        bus.Settle();
        // Flag 0, one above the highest id, and the closed channel's; the one of 2000 is not even looked at.
        Assert.Equal(3, bus.Bus.Counters.StrayEvents);
    }

    [Fact]
    public void A_monitored_channel_sets_its_bits_and_makes_no_call()
    {
        using var bus = new BusFixture(VmBusVersion.V3_0);
        var offer = ScriptedHost.Offer(70);
        offer.MonitorAllocated = 1;
        offer.MonitorId = new MonitorId(37);
        bus.Host.Offers.Add(offer);
        bus.Connect();
        var channel = bus[70].Channel;
        bus.Run(channel.OpenAsync(new ChannelOpenOptions { Handler = new TestHandler() }));
        channel.TrySend([1]);
        Assert.Equal((0, 1L, 0L), (bus.Host.Channels[70].Signals, channel.Counters.MonitorSignals, channel.Counters.Signals));
        Assert.Equal(1u << 5, Word(bus, bus.Host.ChildToParentMonitor + 8 + 8));
        Assert.Equal(1u << 6, Word(bus, bus.Host.InterruptPage + 2048 + 8));
        bus.Run(channel.CloseAsync());
        bus.Run(channel.OpenAsync(new ChannelOpenOptions { Handler = new TestHandler(), ToleratesLatency = false }));
        channel.TrySend([1]);
        Assert.Equal((1, 1L), (bus.Host.Channels[70].Signals, channel.Counters.Signals));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_channel_without_an_interrupt_of_its_own_marks_the_interrupt_page_too(bool isDedicated)
    {
        using var bus = new BusFixture(VmBusVersion.V1_1);
        var offer = ScriptedHost.Offer(70);
        offer.DedicatedInterrupt = (ushort)(isDedicated ? 1 : 0);
        bus.Host.Offers.Add(offer);
        bus.Connect();
        bus.Run(bus[70].Channel.OpenAsync(new ChannelOpenOptions { Handler = new TestHandler() }));
        bus[70].Channel.TrySend([1]);
        bus[70].Channel.TrySend([1]);
        Assert.Equal(1, bus.Host.Channels[70].Signals);
        Assert.Equal(isDedicated ? 0 : 1u << 6, Word(bus, bus.Host.InterruptPage + 2048 + 8));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_host_below_2_4_tells_of_its_packets_by_the_interrupt_page_whether_it_sets_the_flag_or_not(bool setsFlag)
    {
        using var bus = new BusFixture(VmBusVersion.V1_1);
        bus.Host.Offers.Add(ScriptedHost.Offer(70));
        bus.Connect();
        var handler = new TestHandler();
        bus.Run(bus[70].Channel.OpenAsync(new ChannelOpenOptions { Handler = handler }));
        bus.Host.Channels[70].FlagsInterruptPage = setsFlag;
        for (var i = 1; i <= 3; i++)
        {
            bus.Host.Channels[70].Write(PacketType.InBand, 0, [1]);
            bus.Settle();
            Assert.Equal(i, handler.Packets.Count);
        }

        Assert.Equal(0, bus.Bus.Counters.StrayEvents);
    }

    [Fact]
    public void A_signal_that_the_hypervisor_refuses_is_counted()
    {
        using var bus = SingleChannel.Open(out var channel, out _, out _);
        bus.Machine.Model.Hypercalls.EventPorts.Clear();
        Assert.Equal(SendResult.Sent, channel.TrySend([1]));
        Assert.Equal(1, bus.Bus.Counters.FailedSignals);
    }

    private static uint Word(BusFixture bus, ulong address)
    {
        Span<byte> word = stackalloc byte[4];
        Assert.True(bus.Machine.Memory.TryRead(address, word));
        return BitConverter.ToUInt32(word);
    }
}
