using GuestOS.Machine.Memory;
using GuestOS.Sandbox.DynamicMemory;
using GuestOS.Sandbox.Memory;
using GuestOS.Sandbox.VmBus;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Balloon;

/// <summary>The whole driver against the simulated host.</summary>
public sealed class BalloonBusTests
{
    private const uint MiB = (uint)ScriptedHost.PagesPerMiB;

    [Theory]
    [InlineData(0x0002_0000, "2.0")]
    [InlineData(0x0001_0000, "1.0")]
    [InlineData(0x0000_0003, "0.3")]
    public void Every_version_is_negotiated_and_serves(uint word, string name)
    {
        using var bus = new BalloonBus();
        var host = new DynamicMemoryProvider(new DynamicMemoryOptions { Versions = [word], RepeatsIds = false });
        bus.Host.Offer(host);
        bus.Connect();
        bus.Advance(1);
        Assert.Empty(bus.Failures);
        Assert.Equal(word, host.Version);
        IMemoryBalloon balloon = Assert.Single(bus.Balloons);
        Assert.Equal((name, BalloonState.Idle), (balloon.Status.Version, balloon.Status.State));
        Serves(bus, host);
    }

    [Fact]
    public void An_option_chooses_the_version()
    {
        using var bus = new BalloonBus(version: "1.0");
        var host = new DynamicMemoryProvider();
        bus.Host.Offer(host);
        bus.Connect();
        bus.Advance(1);
        Assert.Equal(0x0001_0000u, host.Version);
        Assert.Equal([(0x0001_0000u, false)], host.VersionRequests);
    }

    [Fact]
    public void A_host_without_a_common_version_fails_the_device_with_a_reason()
    {
        using var bus = new BalloonBus();
        bus.Host.Offer(new DynamicMemoryProvider(new DynamicMemoryOptions { Versions = [77] }));
        bus.Connect();
        bus.Advance(1);
        Assert.Equal("The host accepts no version of the dynamic-memory protocol.", Assert.Single(bus.Failures));
        Assert.Empty(bus.Balloons);
    }

    [Fact]
    public void A_host_that_waits_like_qemu_is_served_after_its_wait_and_gets_a_report_each_second()
    {
        using var bus = new BalloonBus();
        var host = new DynamicMemoryProvider(new DynamicMemoryOptions { QuietTime = TimeSpan.FromSeconds(50) });
        bus.Host.Offer(host);
        bus.Connect();
        host.Balloon(100 * MiB);
        bus.Advance(49);
        Assert.Equal(0ul, bus.Ram.Taken.Count);
        bus.Advance(11);
        Assert.Equal(100ul * MiB, bus.Ram.Taken.Count);
        Assert.InRange(host.Statuses.Count, 59, 62);
    }

    [Fact]
    public void Reports_can_be_declined()
    {
        using var bus = new BalloonBus();
        var host = new DynamicMemoryProvider(new DynamicMemoryOptions { SuppressesReports = true });
        bus.Host.Offer(host);
        bus.Connect();
        bus.Advance(60);
        Assert.Empty(host.Statuses);
        Serves(bus, host);
    }

    [Fact]
    public void Added_memory_is_accepted_and_the_most_that_there_will_be_is_shown()
    {
        using var bus = new BalloonBus();
        var host = new DynamicMemoryProvider();
        bus.Host.Offer(host);
        bus.Connect();
        bus.Advance(1);
        host.Inform(5000);
        var range = new PageRange(32ul * 1024 * MiB, 2048 * MiB);
        host.HotAdd(range, range);
        bus.Advance(1);
        Assert.Equal([new HotAddOutcome(range, 2048 * MiB, 1)], host.HotAdds);
        Assert.Equal(5000ul, bus.Balloons[0].Status.MostPages);
        Assert.Equal(2048ul * MiB, bus.Balloons[0].Status.Memory.Added);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Two_hundred_random_targets_end_with_all_pages_back(int seed)
    {
        var random = new Random(seed);
        var memory = new SimulatedDynamicMemory(1024 * MiB, [.. Enumerable.Range(1, 300).Select(i => new PageRange(256 + ((ulong)i * 800), (ulong)random.Next(1, 700)))]);
        ulong free = memory.Free.Count;
        using var bus = new BalloonBus(seed, memory);
        var host = new DynamicMemoryProvider();
        bus.Host.Offer(host);
        bus.Connect();
        for (int i = 0; i < 200; i++)
        {
            host.BalloonTo((ulong)random.NextInt64(1024 * MiB));
            bus.Advance(0.2);
            Assert.Equal(0, host.Outstanding);
            Assert.Equal(host.Ballooned.Ranges, memory.Taken.Ranges);
        }

        host.BalloonTo(0);
        bus.Advance(1);
        Assert.Equal(free, memory.Free.Count);
        Assert.All(bus.Changes, change => Assert.Null(change.Error));
    }

    [Theory]
    [MemberData(nameof(AllFaults))]
    public void Whatever_a_host_sends_the_next_request_is_served(DynamicMemoryFault fault)
    {
        using var bus = new BalloonBus { AllowsGuestErrors = true };
        var host = new DynamicMemoryProvider();
        bus.Host.Offer(host);
        bus.Connect();
        bus.Advance(1);
        host.Balloon(1000);
        bus.Advance(1);
        for (int i = 0; i < 50; i++)
            host.Commit(fault);
        bus.Advance(2);
        Assert.Empty(bus.Failures);
        Assert.Empty(bus.Broken);
        Assert.NotNull(bus.Instance);

        // All that a fault made the guest give or take is within the memory; a host that asked for everything has everything but the floor.
        Assert.True(bus.Ram.Free.Count >= 232 * MiB, fault.ToString());
        var range = new PageRange(64ul * 1024 * MiB, 128 * MiB);
        host.HotAdd(range, range);
        bus.Advance(1);
        Assert.Equal(new HotAddOutcome(range, 128 * MiB, 1), host.HotAdds[^1]);
    }

    [Fact]
    public void A_rescind_at_any_step_leaves_the_pages_where_they_are_and_a_later_offer_serves()
    {
        for (int step = 1; step < 60; step++)
        {
            using var bus = new BalloonBus(step) { AllowsGuestErrors = true };
            var host = new DynamicMemoryProvider();
            bus.Host.Faults.RescindAtStep = step;
            var channel = bus.Host.Offer(host);
            host.Balloon(5000);
            host.Unballoon(2000);
            bus.Connect();
            bus.Advance(30);
            bus.Host.Faults.RescindAtStep = 0;
            if (channel.State is not HostChannelState.Open)
            {
                Assert.True(bus.Ram.Taken.Count is 0 or 3000 or 5000, $"step {step}: {bus.Ram.Taken.Count} pages");
                Assert.Empty(bus.Balloons);
                host = new DynamicMemoryProvider();
                bus.Host.Offer(host);
                bus.Advance(30);
            }

            Assert.Single(bus.Balloons);
            ulong before = bus.Ram.Taken.Count;
            host.Balloon(10);
            bus.Advance(1);
            Assert.Equal(before + 10, bus.Ram.Taken.Count);
        }
    }

    [Fact]
    public void A_suspended_balloon_keeps_what_the_host_has_and_serves_again_when_it_goes_on()
    {
        using var bus = new BalloonBus();
        var host = new DynamicMemoryProvider();
        bus.Host.Offer(host);
        bus.Connect();
        bus.Advance(1);
        host.Balloon(5000);
        bus.Advance(1);
        bus.Run(bus.Instance!.SuspendAsync(default));
        Assert.Equal(5000ul, bus.Ram.Taken.Count);
        Assert.Equal(BalloonState.Stopped, Assert.Single(bus.Balloons).Status.State);
        bus.Run(bus.Instance!.ResumeAsync(default));
        Assert.Equal(BalloonState.Idle, bus.Balloons[0].Status.State);
        host.Balloon(1000);
        bus.Advance(1);
        Assert.Equal(6000ul, bus.Ram.Taken.Count);
        bus.Run(bus.Instance!.DetachAsync(default));
        bus.Run(bus.Instance!.DetachAsync(default));
        Assert.Empty(bus.Balloons);
        Assert.Equal(6000ul, bus.Ram.Taken.Count);
    }

    public static TheoryData<DynamicMemoryFault> AllFaults() => new(Enum.GetValues<DynamicMemoryFault>());

    private static void Serves(BalloonBus bus, DynamicMemoryProvider host)
    {
        host.Balloon(300 * MiB);
        bus.Advance(1);
        Assert.Equal(300ul * MiB, bus.Ram.Taken.Count);
        host.Unballoon(100 * MiB);
        bus.Advance(1);
        Assert.Equal(200ul * MiB, bus.Ram.Taken.Count);
        host.BalloonTo(0);
        bus.Advance(1);
        Assert.Equal(0ul, bus.Ram.Taken.Count);
        Assert.All(bus.Changes, change => Assert.Null(change.Error));
    }
}
