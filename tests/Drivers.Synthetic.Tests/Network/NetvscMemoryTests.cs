using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Network;

/// <summary>Memory that runs out while the driver starts.</summary>
public sealed class NetvscMemoryTests
{
    [Fact]
    public void Memory_that_runs_out_at_any_allocation_of_the_start_costs_the_adapter_or_a_queue_and_nothing_else()
    {
        var lost = 0;
        for (var left = 0; left < 200; left++)
        {
            using var machine = NetworkMachine.Started(processors: 2);
            machine.Host.Rescind(machine.Channel);
            machine.Clock.Advance(TimeSpan.FromSeconds(1));
            machine.Memory.AllocationsLeft = left;
            machine.Host.OfferAgain(machine.Channel);
            machine.Clock.Advance(TimeSpan.FromSeconds(5));
            machine.RunUntil(() => machine.Busy == 0);
            machine.Memory.AllocationsLeft = null;
            Assert.Equal(machine.Failures.Count == 0 ? 1 : 0, machine.Adapters.Count);
            var isWhole = machine.Adapters.Count == 1 && machine.Adapter.Queues == 2;
            lost += machine.Adapters.Count == 0 ? 1 : 0;
            if (machine.Adapters.Count == 1)
                machine.AssertEchoes();
            machine.DetachAll();
            machine.AssertSound();
            machine.AssertNothingLeft();
            if (!isWhole)
                continue;
            Assert.InRange(lost, 5, left);
            return;
        }

        Assert.Fail("The adapter takes more than 200 allocations.");
    }
}
