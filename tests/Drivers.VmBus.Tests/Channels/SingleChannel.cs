using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Drivers.VmBus.Tests.Connections;
using GuestOS.Testing.VmBus;

namespace GuestOS.Drivers.VmBus.Tests.Channels;

/// <summary>A bus on a scripted host with one device, whose channel is open.</summary>
internal static class SingleChannel
{
    public static BusFixture Open(
        out VmBusChannel channel, out TestHandler handler, out HostChannel host, Func<ChannelOpenOptions, ChannelOpenOptions>? change = null)
    {
        var bus = new BusFixture();
        bus.Host.Offers.Add(ScriptedHost.Offer(1));
        bus.Connect();
        channel = bus[1].Channel;
        handler = new TestHandler();
        var options = new ChannelOpenOptions { Handler = handler };
        bus.Run(channel.OpenAsync(change?.Invoke(options) ?? options));
        host = bus.Host.Channels[1];
        return bus;
    }
}
