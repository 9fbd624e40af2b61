using System.Text.Json;
using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Drivers.VmBus.Connections;
using GuestOS.Drivers.VmBus.Offers;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Drivers.VmBus.Rings;
using GuestOS.Kernel.Core;
using GuestOS.Kernel.Drivers;
using GuestOS.Kernel.Shell;
using GuestOS.Kernel.Tests.Fakes;
using GuestOS.Kernel.VmBus;
using GuestOS.Machine;
using GuestOS.Sandbox.Partition;
using GuestOS.Sandbox.VmBus;
using GuestOS.Testing;

namespace GuestOS.Kernel.Tests.VmBus;

public sealed class VmBusManagerTests
{
    /// <summary>Classes of the integration services, which are part of every kernel.</summary>
    private const string Services = "heartbeat, shutdown, time synchronisation, data exchange";

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);

    [Fact]
    public async Task Offers_are_devices_that_drivers_are_bound_to_and_the_end_is_orderly()
    {
        using var machine = new VmBusMachine();
        FakeDriver driver = VmBusMachine.OpeningDriver("memory", ClassIds.DynamicMemory);
        HostChannel memory = machine.Offer(ClassIds.DynamicMemory, 1);
        machine.Offer(ClassIds.Video, 2);
        KernelSystem system = await machine.StartAsync("", driver, VmBusMachine.OpeningDriver("nic", ClassIds.Network));

        JsonElement connected = Assert.Single(machine.Machine.Events.Of("vmbus"));
        Assert.Equal(("connected", "4.0", "2"), (Text(connected, "state"), Text(connected, "version"), Text(connected, "devices")));
        Assert.Null(Text(connected, "features"));
        Assert.Equal("network adapter, " + Services, Text(connected, "waiting"));
        Assert.Equal(["attached", "started"], machine.StatesOf(1));
        Assert.Equal(["found"], machine.StatesOf(2));
        JsonElement started = await machine.WaitForAsync(1, "started");
        Assert.Equal(
            ("vmbus", "525074dc-8985-46e2-8057-a307dc18a502", "dynamic memory", "memory"),
            (Text(started, "bus"), Text(started, "id"), Text(started, "class"), Text(started, "driver")));
        Assert.Equal(HostChannelState.Open, memory.State);
        Assert.Equal("ready", machine.Machine.Events.All[^1].GetProperty("event").GetString());

        await system.EndAsync(PowerKind.PowerOff, PowerReason.Console);
        Assert.Equal(["probe", "attach", "start", "detach"], driver.Verbs);
        Assert.Equal(["attached", "started", "detached"], machine.StatesOf(1));
        Assert.Null(machine.Host.Version);
        Assert.Equal("disconnected", Text(machine.Machine.Events.Of("vmbus")[1], "state"));
        Assert.All(machine.Machine.Partition.Processors, processor => Assert.True(processor.SynIc.Sint(2).IsMasked));
        Assert.Equal((0, 0UL), (machine.Machine.Partition.Vectors.Count, machine.Machine.Partition.Registers.Hypercall & 1));
        Assert.Equal(0, machine.Machine.Partition.Memory.PageCount);
        Assert.Empty(machine.Host.GuestErrors);
        Assert.Empty(machine.Machine.Partition.Memory.Violations);
        Assert.Single(machine.Machine.Power.Ends);
    }

    [Theory]
    [InlineData("6.0")]
    [InlineData("5.3")]
    [InlineData("4.1")]
    [InlineData("3.0")]
    [InlineData("2.4")]
    [InlineData("1.1")]
    [InlineData("0.13")]
    public async Task The_command_line_names_the_highest_version(string version)
    {
        using var machine = new VmBusMachine(new VmBusHostOptions());
        machine.Offer(ClassIds.DynamicMemory, 1);
        KernelSystem system = await machine.StartAsync($"vmbus.version={version}", VmBusMachine.OpeningDriver("memory", ClassIds.DynamicMemory));
        JsonElement connected = Assert.Single(machine.Machine.Events.Of("vmbus"));
        Assert.Equal(version, Text(connected, "version"));
        Assert.Equal(version == "6.0" ? "00000000" : null, Text(connected, "features"));
        Assert.Equal(["attached", "started"], machine.StatesOf(1));
        Assert.Empty(machine.Machine.Events.Of("option"));
        await system.ShutDownAsync();
        Assert.Empty(machine.Host.GuestErrors);
    }

    [Theory]
    [InlineData("vmbus.version=7.0", "vmbus.version=7.0", "none of 6.0, 5.3")]
    [InlineData("vmbus=on", "vmbus=on", "only value is off")]
    [InlineData("vmbus.speed=9", "vmbus.speed=9", "unknown")]
    public async Task Bad_options_are_reported_and_ignored(string commandLine, string name, string error)
    {
        using var machine = new VmBusMachine();
        await machine.StartAsync(commandLine);
        JsonElement option = Assert.Single(machine.Machine.Events.Of("option"));
        Assert.Equal(name, Text(option, "name"));
        Assert.Contains(error, Text(option, "error"), StringComparison.Ordinal);
        Assert.Equal("4.0", Text(Assert.Single(machine.Machine.Events.Of("vmbus")), "version"));
    }

    [Fact]
    public async Task No_contact_is_tried_where_it_is_switched_off()
    {
        using var machine = new VmBusMachine();
        await machine.StartAsync("vmbus=off");
        JsonElement absent = Assert.Single(machine.Machine.Events.Of("vmbus"));
        Assert.Equal("absent", Text(absent, "state"));
        Assert.Contains("command line", Text(absent, "error"), StringComparison.Ordinal);
        Assert.Equal(0, machine.Machine.Partition.Hypercalls.Count);
        Assert.Single(machine.Machine.Events.Of("ready"));
    }

    [Theory]
    [InlineData(PartitionPrivileges.SynIc)]
    [InlineData(PartitionPrivileges.Hypercall)]
    [InlineData(PartitionPrivileges.PostMessages)]
    public async Task No_contact_is_tried_where_something_is_not_offered(PartitionPrivileges missing)
    {
        using var machine = new VmBusMachine(partition: new PartitionOptions { Privileges = new PartitionOptions().Privileges & ~missing });
        KernelSystem system = await machine.StartAsync("");
        JsonElement absent = Assert.Single(machine.Machine.Events.Of("vmbus"));
        Assert.Contains(missing.ToString(), Text(absent, "error"), StringComparison.Ordinal);
        Assert.Equal((0L, 0), (machine.Machine.Partition.Hypercalls.Count, machine.Machine.Partition.Vectors.Count));
        await system.EndAsync(PowerKind.PowerOff, PowerReason.Console);
    }

    [Fact]
    public async Task A_host_that_numbers_its_processors_wrongly_is_not_contacted()
    {
        using var machine = new VmBusMachine(partition: new PartitionOptions { Processors = 2, VpIndexOf = _ => 1 });
        KernelSystem system = await machine.StartAsync("");
        Assert.Contains("index 1", Text(Assert.Single(machine.Machine.Events.Of("vmbus")), "error"), StringComparison.Ordinal);
        Assert.Equal((0L, 0UL), (machine.Machine.Partition.Hypercalls.Count, machine.Machine.Partition.Registers.Hypercall & 1));
        Assert.Single(machine.Machine.Events.Of("ready"));
        await system.EndAsync(PowerKind.PowerOff, PowerReason.Console);
    }

    [Fact]
    public async Task Without_Hyper_V_nothing_is_said_of_it()
    {
        using var machine = new VmBusMachine(partition: new PartitionOptions { IsHyperV = false, Vendor = "KVMKVMKVM" });
        KernelSystem system = await machine.StartAsync("");
        Assert.Empty(machine.Machine.Events.Of("vmbus"));
        await system.EndAsync(PowerKind.PowerOff, PowerReason.Console);
        Assert.Empty(machine.Machine.Events.Of("vmbus"));
    }

    [Fact]
    public async Task A_hypervisor_without_a_bus_is_told_at_once_and_everything_is_given_back()
    {
        using var machine = new FakeMachine { PartitionOptions = new PartitionOptions { Processors = 2 } };
        var system = new KernelSystem(machine.Create(), [], "p");
        await system.StartAsync();
        JsonElement absent = Assert.Single(machine.Events.Of("vmbus"));
        Assert.Equal("absent", Text(absent, "state"));
        Assert.Equal((0, 0), (machine.Partition.Vectors.Count, machine.Partition.Memory.PageCount));
        await system.EndAsync(PowerKind.PowerOff, PowerReason.Console);
        Assert.Single(machine.Events.Of("vmbus"));
    }

    [Fact]
    public async Task A_host_that_says_nothing_holds_the_machine_for_a_second_and_is_served_when_it_speaks()
    {
        var clock = new ManualTimeProvider(1);
        using var machine = new VmBusMachine(VmBusHostOptions.Qemu with { MessageLatency = TimeSpan.FromSeconds(3) }, clock: clock);
        machine.Offer(ClassIds.DynamicMemory, 1);
        Task<KernelSystem> start = machine.StartAsync("", VmBusMachine.OpeningDriver("memory", ClassIds.DynamicMemory));
        // The second has begun when the host is asked, and the clock stands when it is over: the machine gets ready.
        await DriveAsync(clock, () => machine.Machine.Partition.Hypercalls.Count > 0, VmBusManager.ContactPatience);
        TimeSpan end = clock.Elapsed + VmBusManager.ContactPatience;
        await DriveAsync(clock, () => clock.Elapsed >= end, end);
        KernelSystem system = await start;
        Assert.Single(machine.Machine.Events.Of("ready"));
        Assert.Empty(machine.Machine.Events.Of("vmbus"));
        Assert.True(machine.Machine.Log.Has(LogLevel.Warning, "has not answered yet"));

        await DriveAsync(clock, () => machine.StatesOf(1).Contains("started"));
        await DriveAsync(clock, () => machine.Machine.Events.Of("vmbus").Count > 0);
        Assert.Equal("connected", Text(machine.Machine.Events.Of("vmbus")[0], "state"));
        Task ended = system.EndAsync(PowerKind.PowerOff, PowerReason.Console);
        await DriveAsync(clock, () => ended.IsCompleted);
        Assert.Null(machine.Host.Version);
    }

    [Fact]
    public async Task A_machine_whose_host_never_answers_ends_all_the_same()
    {
        var clock = new ManualTimeProvider(1);
        using var machine = new FakeMachine { Clock = clock, PartitionOptions = new PartitionOptions() };
        machine.Partition.Hypercalls.MessagePorts[1] = _ => CallStatus.Success;
        var system = new KernelSystem(machine.Create(), [], "p");
        Task start = system.StartAsync();
        await DriveAsync(clock, () => start.IsCompleted);
        await start;
        Task end = system.EndAsync(PowerKind.PowerOff, PowerReason.Console);
        TimeSpan before = clock.Elapsed;
        await DriveAsync(clock, () => end.IsCompleted);
        Assert.InRange(clock.Elapsed - before, TimeSpan.Zero, TimeSpan.FromSeconds(90));
        Assert.Single(machine.Power.Ends);
        Assert.Equal(0, machine.Partition.Vectors.Count);
    }

    [Fact]
    public async Task Devices_come_and_go_at_any_time()
    {
        using var machine = new VmBusMachine(new VmBusHostOptions());
        FakeDriver driver = VmBusMachine.OpeningDriver("memory", ClassIds.DynamicMemory);
        KernelSystem system = await machine.StartAsync("", driver);
        Assert.Equal("dynamic memory, " + Services, Text(machine.Machine.Events.Of("vmbus")[0], "waiting"));

        HostChannel channel = machine.Offer(ClassIds.DynamicMemory, 1);
        await machine.WaitForAsync(1, "started");
        machine.Host.Rescind(channel);
        await machine.WaitForAsync(1, "removed");
        Assert.Equal(["attached", "started", "detached", "removed"], machine.StatesOf(1));
        Assert.DoesNotContain(system.Drivers!.Devices, device => device.Device.Bus == "vmbus");

        // And one that nobody serves.
        HostChannel video = machine.Offer(ClassIds.Video, 2);
        await machine.WaitForAsync(2, "found");
        machine.Host.Rescind(video);
        await machine.WaitForAsync(2, "removed");

        machine.Host.OfferAgain(channel);
        await machine.WaitForAsync(1, "started", times: 2);
        Assert.Equal(["probe", "attach", "start", "detach", "probe", "attach", "start"], driver.Verbs);
        await system.ShutDownAsync();
        Assert.Empty(machine.Host.GuestErrors);
    }

    [Fact]
    public async Task A_rescind_ends_what_a_hanging_driver_is_doing_and_the_others_go_on()
    {
        using var machine = new VmBusMachine(new VmBusHostOptions());
        var isHanging = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var hanging = new FakeDriver
        {
            Name = "hanging",
            Matches = [new VmBusClassMatch(ClassIds.DynamicMemory)],
            Attach = async (_, token) =>
            {
                isHanging.SetResult();
                await Task.Delay(Timeout.Infinite, token);
            },
        };
        KernelSystem system = await machine.StartAsync("", hanging, VmBusMachine.OpeningDriver("nic", ClassIds.Network));
        HostChannel memory = machine.Offer(ClassIds.DynamicMemory, 1);
        await isHanging.Task;
        machine.Offer(ClassIds.Network, 2);
        await machine.WaitForAsync(2, "started");
        machine.Host.Rescind(memory);
        await machine.WaitForAsync(1, "removed");
        Assert.Equal(["failed", "removed"], machine.StatesOf(1));
        Assert.Contains("the device is gone", Text(await machine.WaitForAsync(1, "failed"), "error"), StringComparison.Ordinal);
        await system.ShutDownAsync();
        Assert.Empty(machine.Host.GuestErrors);
    }

    [Fact]
    public async Task A_driver_that_leaves_its_channel_open_when_it_fails_has_it_closed()
    {
        using var machine = new VmBusMachine();
        HostChannel channel = machine.Offer(ClassIds.DynamicMemory, 1);
        FakeDriver opening = VmBusMachine.OpeningDriver("memory", ClassIds.DynamicMemory);
        var bad = new FakeDriver
        {
            Name = "bad",
            Matches = opening.Matches,
            Attach = opening.Attach,
            Start = (_, _) => throw new InvalidOperationException("no such luck"),
        };
        await machine.StartAsync("", bad);
        Assert.Equal(["attached", "failed"], machine.StatesOf(1));
        Assert.Equal(HostChannelState.Offered, channel.State);
        Assert.Equal(0, machine.Host.GpadlCount);
    }

    [Fact]
    public async Task A_handler_that_throws_fails_its_device_which_the_console_attaches_again()
    {
        using var machine = new VmBusMachine(new VmBusHostOptions());
        HostChannel channel = machine.Offer(ClassIds.DynamicMemory, 1);
        FakeDriver driver = VmBusMachine.OpeningDriver("memory", ClassIds.DynamicMemory, new Throwing());
        KernelSystem system = await machine.StartAsync("", driver);
        channel.Session!.SendInBand([1, 2, 3, 4, 5, 6, 7, 8]);
        JsonElement failed = await machine.WaitForAsync(1, "failed");
        Assert.Contains("channel does not work any more", Text(failed, "error"), StringComparison.Ordinal);
        Assert.Equal(DeviceState.Failed, machine.Device(1).State);

        var shell = new ConsoleShell(system);
        string place = VmBusMachine.InstanceOf(1).ToString();
        await shell.ExecuteAsync($"devices detach {place}");
        Assert.Contains($"memory {place} is failed", machine.Machine.Terminal.Output, StringComparison.Ordinal);
        await shell.ExecuteAsync("devices attach 00001001");
        Assert.Contains($"vmbus {place}: started", machine.Machine.Terminal.Output, StringComparison.Ordinal);
        Assert.Equal(HostChannelState.Open, channel.State);
        await shell.ExecuteAsync("devices detach 00001001");
        Assert.Contains($"vmbus {place}: detached", machine.Machine.Terminal.Output, StringComparison.Ordinal);
        await shell.ExecuteAsync("devices attach 00001001");
        Assert.Equal(["attached", "started", "failed", "attached", "started", "detached", "attached", "started"], machine.StatesOf(1));
        await system.ShutDownAsync();
        Assert.Empty(machine.Host.GuestErrors);
    }

    [Fact]
    public async Task The_console_shows_the_bus()
    {
        using var machine = new VmBusMachine();
        machine.Offer(ClassIds.DynamicMemory, 1);
        machine.Offer(ClassIds.Video, 2);
        KernelSystem system = await machine.StartAsync(
            "", VmBusMachine.OpeningDriver("memory", ClassIds.DynamicMemory), VmBusMachine.OpeningDriver("nic", ClassIds.Network));
        await new ConsoleShell(system).ExecuteAsync("vmbus");
        string output = machine.Machine.Terminal.Output;
        Assert.Contains("Connected, version 4.0", output, StringComparison.Ordinal);
        Assert.Contains($"Drivers wait for: network adapter, {Services}.", output, StringComparison.Ordinal);
        Assert.Contains("dynamic memory", output, StringComparison.Ordinal);
        Assert.Contains("0/12288", output, StringComparison.Ordinal);
        Assert.Contains("video", output, StringComparison.Ordinal);
        Assert.Contains("messages posted", output, StringComparison.Ordinal);
        await new ConsoleShell(system).ExecuteAsync("devices");
        Assert.Contains("video da0a7802-e377-4aac-8e77-0558eb1073f8", machine.Machine.Terminal.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_console_says_why_there_is_no_bus()
    {
        using var machine = new VmBusMachine();
        KernelSystem system = await machine.StartAsync("vmbus=off");
        await new ConsoleShell(system).ExecuteAsync("vmbus");
        Assert.Contains("There is no VMBus: it is switched off by the command line.", machine.Machine.Terminal.Output, StringComparison.Ordinal);
    }

    private static string? Text(JsonElement entry, string name) => RecordingEvents.Text(entry, name);

    /// <summary>Moves the clock from timer to timer, each when everything else has come to rest, until something is so.</summary>
    private static async Task DriveAsync(ManualTimeProvider clock, Func<bool> isSo, TimeSpan? limit = null)
    {
        // The guest's own threads (the pool) are not on the clock: it stands still until they had their turn.
        for (int turns = 0; !isSo(); turns++)
        {
            Assert.True(turns < 100_000, "nothing happens any more");
            for (int i = 0; i < 50 && !isSo(); i++)
                await Task.Yield();
            while (ThreadPool.PendingWorkItemCount > 0)
                await Task.Yield();
            if (isSo())
                return;
            if (limit is { } end)
                clock.Advance(clock.Elapsed + Step < end ? Step : end - clock.Elapsed);
            else
                clock.RunNext();
        }
    }

    private sealed class Throwing : ChannelHandler
    {
        public override void OnPacket(VmBusChannel channel, in RingPacket packet) => throw new InvalidOperationException("broken handler");
    }
}
