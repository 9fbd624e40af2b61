using GuestOS.Testing;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Network;

/// <summary>The connection ends under the driver.</summary>
public sealed class UnloadTests
{
    private const int Rounds = 10;
    private const int SeedsOfRound = 500;

    /// <summary>What the host answers to the end of the connection says that it has let go of everything.</summary>
    [Fact]
    public void A_connection_that_ends_at_every_step_of_the_adapters_start_loses_no_memory()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var isStarted = false;
            for (var step = 1; !isStarted; step++)
            {
                using var machine = new NetworkMachine(seed: Seeds.First + (round * SeedsOfRound) + step, processors: 2);
                machine.Run(machine.Bus.ConnectAsync(machine.SynIc));
                var end = machine.Host.Steps + step;
                machine.RunUntil(() => machine.Host.Steps >= end || machine.Adapters.Count == 1);
                isStarted = machine.Adapters.Count == 1;
                Assert.True(machine.Run(machine.Bus.UnloadAsync()));
                machine.DetachAll();
                machine.AssertSound();
                machine.AssertNothingLeft();
            }
        }
    }
}
