using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Drivers.VmBus.Connections;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Messages;
using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Drivers.VmBus.Tests.Connections;
using GuestOS.Drivers.VmBus.Tests.Hosted;
using GuestOS.Machine;
using GuestOS.Sandbox.VmBus;
using GuestOS.Testing.States;
using GuestOS.Testing.VmBus;
using Xunit;

namespace GuestOS.Drivers.VmBus.Tests;

/// <summary>
/// The state tables of a connection, of its channels and of shared memory: hosts good and bad make each change that is in them, and no other.
/// </summary>
public sealed class StateTableTests
{
    private const string ConnectionTable = """
        Disconnected: Negotiating, Disconnected
        Negotiating: Negotiating, ReceivingOffers, AwaitingUnload, Disconnected, Suspended
        ReceivingOffers: Connected, ClosingChannels
        Connected: ClosingChannels
        ClosingChannels: AwaitingUnload
        AwaitingUnload: Disconnected, Suspended
        Suspended: Negotiating, Disconnected
        """;

    private const string ChannelTable = """
        Closed: SharingRings, Rescinded, Suspended
        SharingRings: Opening, Closed, Rescinded
        Opening: Open, Quieting
        Open: ClosingSubchannels, Quieting
        ClosingSubchannels: Quieting
        Quieting: TearingDown
        TearingDown: Ending
        Ending: Closed, Rescinded, Suspended
        Suspended: Closed, Rescinded
        Rescinded: Released
        """;

    private const string GpadlTable = """
        Gone: Creating
        Creating: Live, Gone, Abandoned
        Abandoned: TearingDown, Gone
        Live: TearingDown, Gone, Leaked
        TearingDown: Gone, Leaked
        Leaked: Gone
        """;

    private readonly StateTable _connections = new(ConnectionTable);
    private readonly StateTable _channels = new(ChannelTable);
    private readonly StateTable _gpadls = new(GpadlTable);

    private VmBusOptions Options => new()
    {
        AnswerTimeout = TimeSpan.FromSeconds(2), OffersTimeout = TimeSpan.FromSeconds(2), UnloadTimeout = TimeSpan.FromSeconds(4), StateChanging = Add,
    };

    [Fact]
    public void Each_change_of_state_is_made_and_no_other()
    {
        NoVersionIsLeftToAskFor();
        UnloadingOvertakesTheContact(MessageType.InitiateContact);
        UnloadingOvertakesTheContact(MessageType.RequestOffers);
        MemoryIsTakenAfterAllAndThenKept();
        AHandlerOutlastsTheSuspension();
        for (var step = 1; step < 400; step += 3)
            Live(step, bus => bus.Host.Faults.RescindAtStep = step);
        for (var seed = 1; seed <= 20; seed++)
            Live(seed, bus => bus.Host.Faults.Seed(seed, messageRate: 0.02 + (seed % 5 * 0.05), packetRate: 0));
        AssertProved(_connections);
        AssertProved(_channels);
        AssertProved(_gpadls);
    }

    private static void AssertProved(StateTable table) =>
        Assert.True(table.IsProved, table.ToString());

    private void NoVersionIsLeftToAskFor()
    {
        using var bus = new BusFixture(options: Options with { HighestVersion = VmBusVersion.V3_0, LowestVersion = VmBusVersion.V4_0 });
        Assert.Equal(VmBusErrorKind.Refused, bus.Fails(bus.Bus.ConnectAsync(bus.SynIc)).Kind);
    }

    private void UnloadingOvertakesTheContact(MessageType silent)
    {
        using var bus = new BusFixture(options: Options);
        bus.Host.Silent.Add(silent);
        var contact = bus.Bus.ConnectAsync(bus.SynIc).AsTask();
        bus.Settle();
        Assert.True(bus.Run(bus.Bus.UnloadAsync()));
        Assert.Throws<VmBusException>(() => bus.Run(contact));
    }

    /// <summary>The host answers a GPADL late, and then never answers the unloading.</summary>
    private void MemoryIsTakenAfterAllAndThenKept()
    {
        using var bus = Connect();
        var late = bus.Machine.Memory.Allocate(4096, DmaConstraints.None);
        bus.Host.Silent.Add(MessageType.GpadlHeader);
        Assert.Equal(VmBusErrorKind.TimedOut, bus.Fails(bus[1].Channel.CreateGpadlAsync(late)).Kind);
        bus.Host.Answer(bus.Host.Received[^1].Message);
        bus.Settle();
        bus.Host.Silent.Clear();
        var kept = bus.Machine.Memory.Allocate(4096, DmaConstraints.None);
        bus.Run(bus[1].Channel.CreateGpadlAsync(kept));
        bus.Host.Silent.Add(MessageType.Unload);
        Assert.False(bus.Run(bus.Bus.UnloadAsync()));
    }

    private void AHandlerOutlastsTheSuspension()
    {
        using var bus = Connect();
        var handler = new TestHandler();
        var channel = bus[1].Channel;
        handler.Packet = (_, _) =>
        {
            bus.Run(bus.Bus.SuspendAsync());
            Assert.Equal(ChannelStatus.Closing, channel.Status);
        };
        bus.Run(channel.OpenAsync(new ChannelOpenOptions { Handler = handler }));
        bus.Host.Channels[1].Write(PacketType.InBand, 0, [1]);
        bus.Settle();
        bus.Advance(10);
        Assert.Equal((1, ChannelStatus.Suspended), (handler.Ends.Count, channel.Status));
    }

    private BusFixture Connect()
    {
        var bus = new BusFixture(options: Options);
        bus.Host.Offers.Add(ScriptedHost.Offer(1));
        bus.Connect();
        return bus;
    }

    private void Live(int seed, Action<HostedBus> spoil)
    {
        using var bus = new HostedBus(new VmBusHostOptions { HighestVersion = VmBusVersion.All[seed % VmBusVersion.All.Count] }, Options, seed);
        bus.Host.Offer(new EchoDevice(1));
        bus.Host.Offer(new EchoDevice(2));
        spoil(bus);
        bus.Run(bus.NewScenario(seed).RunAsync());
        bus.Host.Faults.Clear();
        bus.Run(bus.Bus.UnloadAsync());
        bus.Machine.Clock.Advance(TimeSpan.FromSeconds(10));
    }

    private void Add(object from, object to)
    {
        var table = from switch
        {
            ConnectionPhase => _connections,
            ChannelState => _channels,
            GpadlState => _gpadls,
            _ => throw new ArgumentException($"{from} is no state.", nameof(from)),
        };
        table.Add(from.GetType().Name, to.GetType().Name);
    }
}
