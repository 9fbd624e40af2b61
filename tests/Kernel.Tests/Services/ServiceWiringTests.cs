using GuestOS.Kernel.Core;
using GuestOS.Kernel.Services;
using GuestOS.Kernel.Tests.Fakes;
using GuestOS.Machine.Power;
using GuestOS.Services.Frame;
using Xunit;

namespace GuestOS.Kernel.Tests.Services;

public sealed class ServiceWiringTests
{
    [Fact]
    public void The_version_that_the_host_is_told_is_that_of_the_build() =>
        Assert.Equal(KernelVersion.Text, typeof(KernelVersion).Assembly.GetName().Version!.ToString(3));

    [Fact]
    public void Every_service_has_a_driver_and_waits_for_the_host()
    {
        using var machine = new FakeMachine();
        var system = new KernelSystem(machine.Create(), [], "test");
        Assert.Equal(["heartbeat", "shutdown", "timesync", "kvp"], system.Services.Status.Select(status => status.Name));
        Assert.All(system.Services.Status, status => Assert.Equal(ServiceState.Absent, status.State));
    }

    [Fact]
    public async Task Disks_are_flushed_before_the_host_is_answered_and_a_failure_is_named()
    {
        using var machine = new FakeMachine();
        var system = new KernelSystem(machine.Create(), [], "test");
        var good = new MemoryBlockDevice(new byte[64 * 512], name: "good0");
        system.Blocks.Add(good, "test");
        await new SystemPower(system).FlushAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, good.Flushes);
    }

    [Theory]
    [InlineData(MachineEnd.PowerOff, PowerKind.PowerOff)]
    [InlineData(MachineEnd.Restart, PowerKind.Reboot)]
    public async Task The_hosts_wish_ends_the_run_once(MachineEnd end, PowerKind kind)
    {
        using var machine = new FakeMachine();
        var system = new KernelSystem(machine.Create(), [], "test");
        var power = new SystemPower(system);
        power.BeginEnd(end);
        power.BeginEnd(end);
        await machine.Power.Ended.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal((kind, PowerReason.Host), machine.Power.Ended.Result);
    }
}
