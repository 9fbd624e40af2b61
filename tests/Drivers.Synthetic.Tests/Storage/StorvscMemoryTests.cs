using GuestOS.Sandbox.Storage;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Storage;

/// <summary>Memory that runs out while the driver starts.</summary>
public sealed class StorvscMemoryTests
{
    [Fact]
    public void Memory_that_runs_out_at_any_allocation_of_the_start_costs_disks_or_a_channel_and_nothing_else()
    {
        var lost = 0;
        for (var left = 0; left < 100; left++)
        {
            using var fixture = StorageFixture.Scsi(new StorageProviderOptions { MaxSubchannels = 1 }, processors: 2);
            var machine = fixture.Machine;
            machine.Settle();
            machine.Host.Rescind(fixture.Channel);
            machine.Settle();
            machine.Memory.AllocationsLeft = left;
            machine.Host.OfferAgain(fixture.Channel);
            machine.Settle();
            machine.RunUntil(() => machine.Busy == 0);
            machine.Memory.AllocationsLeft = null;
            var isWhole = machine.Disks.Count == 1 && machine.Controller.Adapter.QueueCount == 2;
            lost += machine.Disks.Count == 0 ? 1 : 0;
            if (machine.Disks.Count == 1)
                Assert.True(machine.Run(fixture.Disk.ReadAsync(0, new byte[512])).IsSuccess);
            machine.DetachAll();
            machine.AssertClean();
            if (!isWhole)
                continue;
            Assert.InRange(lost, 1, left);
            return;
        }

        Assert.Fail("The controller takes more than 100 allocations.");
    }
}
