using GuestOS.Drivers.Synthetic.Network;
using GuestOS.Drivers.VmBus.Channels;
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

    /// <param name="frames">The larger number is more than may wait: the channel is not read meanwhile.</param>
    [Theory]
    [InlineData(20)]
    [InlineData(MostDeferred + 76)]
    public void Completions_that_find_no_room_in_the_ring_wait_for_it(int frames)
    {
        using var machine = NetworkMachine.Started(
            new NetworkOptions { MostRanges = 1 }, host: new VmBusHostOptions { StepsSingly = true }, options: ("receive", "4096"));
        for (var i = 0; i < frames; i++)
            Inject(machine);

        // The ring is full again after each step, until the host has sent them and the guest has taken them.
        while (machine.Adapter.Tally[NetvscTally.Counter.DeferredCompletions] < Math.Min(frames, MostDeferred) / 2)
        {
            Fill(machine.Adapter.Session!.Channel);
            Assert.True(machine.Clock.RunNext(), "The host does not send.");
            Assert.True(machine.Clock.Elapsed < TimeSpan.FromMinutes(1), "No completion has to wait.");
        }

        Assert.InRange(machine.Provider.Outstanding, 1, frames);
        machine.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, machine.Provider.Outstanding);
        Assert.Equal(Math.Min(frames, MostReceived), machine.TakeReceived().Count);
        Inject(machine);
        machine.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Single(machine.TakeReceived());
        machine.AssertClean();
    }

    private static void Inject(NetworkMachine machine) =>
        machine.Inject(Frames.Random(machine.Random, 100, new MacAddress(Frames.Peer), machine.Adapter.Address.Value));

    /// <summary>With messages that the host takes and does not answer: SWITCH_DATA_PATH.</summary>
    private static void Fill(VmBusChannel channel)
    {
        foreach (var length in (int[])[4000, 40])
        {
            var message = new byte[length];
            message[0] = 129;
            while (channel.TrySend(message) == SendResult.Sent)
            {
            }
        }
    }
}
