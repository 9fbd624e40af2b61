using GuestOS.Drivers.Synthetic.Network;
using GuestOS.Machine.Network;
using GuestOS.Sandbox.Network;
using GuestOS.Sandbox.VmBus;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Network;

/// <summary>A host that is slow to read: what it has sent is completed when there is room, and it gets all of its receive buffer back.</summary>
public sealed class CompletionTests
{
    private const int MostReceived = 384;
    private const int MostDeferred = 1024;

    /// <param name="frames">The larger number is more than may wait: then the channel is not read until some have gone.</param>
    [Theory]
    [InlineData(20)]
    [InlineData(MostDeferred)]
    [InlineData(MostDeferred + 76)]
    public void Completions_that_find_no_room_in_the_ring_wait_for_it_and_with_as_many_as_can_wait_the_channel_is_not_read(int frames)
    {
        using var machine = NetworkMachine.Started(
            new NetworkOptions { MostRanges = 1 }, host: new VmBusHostOptions { StepsSingly = true }, options: ("receive", "4096"));
        var channel = machine.Adapter.Session!.Channel;
        var before = (channel.Counters.Received, machine.Provider.CompletionStatuses.Count);
        for (var i = 0; i < frames; i++)
            Inject(machine);

        // The ring is full again after each step of the host's, until that has sent all and the guest has taken what it does.
        var most = Math.Min(frames, MostDeferred);
        while (machine.Adapter.Tally[NetvscTally.Counter.DeferredCompletions] < most || machine.Provider.Delivered < frames)
            StepWithFullRing(machine);
        for (var i = 0; i < 200; i++)
            StepWithFullRing(machine);
        Assert.Equal(
            (most, most, frames),
            (machine.Adapter.Tally[NetvscTally.Counter.DeferredCompletions], channel.Counters.Received - before.Received, machine.Provider.Outstanding));

        // With room again the host gets each of its packets back once, and what it had sent meanwhile is received.
        machine.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((0, frames), (machine.Provider.Outstanding, machine.Provider.CompletionStatuses.Count - before.Count));
        Assert.All(machine.Provider.CompletionStatuses, status => Assert.Equal(1u, status));
        Assert.Equal(frames, channel.Counters.Received - before.Received);
        Assert.Equal(Math.Min(frames, MostReceived), machine.TakeReceived().Count);
        Inject(machine);
        machine.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Single(machine.TakeReceived());
        machine.AssertClean();
    }

    private static void StepWithFullRing(NetworkMachine machine)
    {
        machine.FillRing();
        Assert.True(machine.Clock.RunNext(), "nothing is left to do, but the host has not sent all");
        Assert.True(machine.Clock.Elapsed < TimeSpan.FromMinutes(1), "the guest has not taken what it should");
    }

    private static void Inject(NetworkMachine machine) =>
        machine.Inject(Frames.Random(machine.Random, 100, new MacAddress(Frames.Peer), machine.Adapter.Address.Value));
}
