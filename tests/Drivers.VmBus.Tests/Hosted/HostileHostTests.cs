using GuestOS.Drivers.VmBus.Connections;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Messages;
using GuestOS.Sandbox.VmBus;
using GuestOS.Testing.VmBus;
using Xunit;

namespace GuestOS.Drivers.VmBus.Tests.Hosted;

/// <summary>
/// Against hosts that do not, every wait ends, what fails says so, and the guest is there to connect anew: rules 10.1 to 10.3 as a whole.
/// </summary>
public sealed class HostileHostTests
{
    private static readonly VmBusOptions Quick = new()
    {
        AnswerTimeout = TimeSpan.FromSeconds(2), OffersTimeout = TimeSpan.FromSeconds(2), UnloadTimeout = TimeSpan.FromSeconds(4),
    };

    public static TheoryData<MessageType> HostMessages =>
    [
        MessageType.OfferChannel, MessageType.AllOffersDelivered, MessageType.OpenChannelResult, MessageType.GpadlCreated, MessageType.GpadlTorndown,
        MessageType.VersionResponse, MessageType.UnloadResponse, MessageType.ModifyChannelResponse,
    ];

    [Theory]
    [MemberData(nameof(HostMessages))]
    public void Each_message_spoilt_in_each_way_does_no_more_than_its_own_harm(MessageType type)
    {
        foreach (var kind in Enum.GetValues<MessageFaultKind>())
        {
            var skip = (int)kind % 2;
            Survive(seed: skip + 1, bus => bus.Host.Faults.Add(new MessageFault(kind) { Only = type, Skip = skip }), $"{type} {kind} {skip}");
        }
    }

    [Fact]
    public void Each_fault_of_a_ring_breaks_that_channel_at_most()
    {
        foreach (var kind in Enum.GetValues<PacketFaultKind>())
        {
            for (var skip = 0; skip < 8; skip += 5)
                Survive(seed: skip + 1, bus => bus.Host.Faults.Add(new PacketFault(kind) { Skip = skip }), $"{kind} {skip}");
        }
    }

    [Fact]
    public void Any_faults_anywhere_as_seeds_decide()
    {
        for (var seed = 1; seed <= 40; seed++)
        {
            Survive(seed, bus => bus.Host.Faults.Seed(seed, messageRate: 0.02 + (seed % 5 * 0.05), packetRate: seed % 3 * 0.02), $"seed {seed}", interleaves: seed % 2 == 0);
        }
    }

    private static void Survive(int seed, Action<HostedBus> spoil, string what, bool interleaves = false)
    {
        using var bus = new HostedBus(
            new VmBusHostOptions { HighestVersion = seed % 4 == 0 ? VmBusVersion.All[seed / 4 % VmBusVersion.All.Count] : VmBusVersion.V6_0 },
            Quick,
            seed,
            interleaves);
        bus.Host.Offer(new EchoDevice(1));
        bus.Host.Offer(new EchoDevice(2));
        spoil(bus);
        try
        {
            bus.Run(bus.NewScenario(seed).RunAsync());
            bus.Host.Faults.Clear();
            bus.Run(bus.Bus.UnloadAsync());
            bus.Machine.Clock.Advance(TimeSpan.FromSeconds(10));
            bus.AssertSound();
            Assert.Equal(VmBusState.Disconnected, bus.Bus.State);
            // The host has come to its senses: so has the guest.
            bus.Host.Faults.Clear();
            var scenario = bus.NewScenario(seed);
            bus.Run(scenario.RunAsync());
            Assert.Empty(scenario.Failures);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new InvalidOperationException($"{what}: {e.Message}; {bus.Bus.State}, {string.Join("; ", bus.Bus.Snapshot())}; {bus.Bus.Counters}; {string.Join("\n", bus.Machine.Log.Lines)}", e);
        }
    }
}
