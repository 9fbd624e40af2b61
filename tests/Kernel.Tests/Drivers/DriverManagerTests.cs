using System.Text.Json;
using GuestOS.Kernel.Block;
using GuestOS.Kernel.Drivers;
using GuestOS.Kernel.Hardware;
using GuestOS.Kernel.Memory;
using GuestOS.Kernel.Network;
using GuestOS.Kernel.Pci;
using GuestOS.Kernel.Tests.Fakes;
using GuestOS.Machine;
using GuestOS.Machine.Drivers;
using GuestOS.Testing;

namespace GuestOS.Kernel.Tests.Drivers;

public sealed class DriverManagerTests : IDisposable
{
    private readonly FakeMachine _machine = new();
    private readonly ManualTimeProvider _clock = new();
    private readonly BlockRegistry _blocks = new();

    public DriverManagerTests()
    {
        _machine.Pci.Add(0, 1, 0, new FakePciFunction(0x8086, 0x7000, 6, 1, header: 0x80));
        _machine.Pci.Add(0, 1, 1, new FakePciFunction(0x8086, 0x7010, 1, 1, 0x80).WithPortBar(4, 0xC040, 16).With(0x3C, 0x010A, 2).With(4, 4, 2));
        _machine.Pci.Add(0, 2, 0, new FakePciFunction(0x8086, 0x100E, 2, 0).WithMemoryBar(0, 0xFEB0_0000, 0x1000).With(0x3C, 0x010A, 2));
    }

    public void Dispose() => _machine.Dispose();

    [Fact]
    public async Task The_machines_memory_is_given_to_one_driver_that_declares_it_and_to_nobody_else()
    {
        FakeDriver first = Driver("first", new PciIdMatch(0x8086, 0x7010));
        FakeDriver second = Driver("second", new PciIdMatch(0x8086, 0x100E));
        FakeDriver other = new() { Name = "other", Matches = [new PciIdMatch(0x8086, 0x7000)] };
        DriverManager manager = await BindAsync("", first, second, other);
        Assert.Same(_machine.DynamicMemory, first.Context!.DynamicMemory);
        Assert.Null(second.Context);
        Assert.Null(other.Context!.DynamicMemory);
        BoundDevice refused = manager.Devices.Single(device => device.Driver == second);
        Assert.Equal(DeviceState.Failed, refused.State);
        Assert.Contains("the machine's memory belongs to first 00:01.1", refused.Error, StringComparison.Ordinal);

        await manager.DetachAsync(manager.Devices.Single(device => device.Driver == first));
        Assert.True(new ResourceLedger().TryClaimMemory(this, "", out _));

        static FakeDriver Driver(string name, DeviceMatch match) =>
            new() { Name = name, Matches = [match], Resources = [new DynamicMemoryRequest("memory")] };
    }

    [Fact]
    public async Task The_more_specific_match_wins_and_gets_exactly_what_it_declared()
    {
        var general = new FakeDriver { Name = "general", Matches = [new PciClassMatch(1, 1)] };
        var special = new FakeDriver
        {
            Name = "special",
            Matches = [new PciClassMatch(1, 1), new PciIdMatch(0x8086, 0x7010)],
            Resources = [new BarRequest("bm", 4, 8), new PortRequest("command", 0x1F0, 8), new IsaInterruptRequest("irq", 14)],
            Serves = [new MemoryBlockDevice(new byte[4096], name: "special0")],
        };
        DriverManager manager = await BindAsync("special.mode=fast other.x=1", general, special);

        Assert.Empty(general.Verbs);
        Assert.Equal(["probe", "attach", "start"], special.Verbs);
        DriverContext context = special.Context!;
        Assert.Equal(["bm", "command"], context.Registers.Keys.Order());
        Assert.Equal((0xC048ul, 8), (context.Registers["bm"].BaseAddress, context.Registers["bm"].Length));
        Assert.Equal("IRQ 14", Assert.Single(context.Interrupts).Value.Name);
        Assert.Equal("fast", Assert.Single(context.Options).Value);
        Assert.Equal(1u, _machine.Pci.Read(new PciAddress(0, 0, 1, 1), 4, 2) & 1u); // I/O decoding is on
        Assert.Equal(DeviceState.Started, Device(manager, 1).State);
        Assert.True(_blocks.TryFind("special0", out _));
        Assert.Equal(["attached", "started"], States("00:01.1"));
        JsonElement started = _machine.Events.Of("device")[2];
        Assert.Equal("8086:7010", RecordingEvents.Text(started, "id"));
        Assert.Equal("010180", RecordingEvents.Text(started, "class"));
        Assert.Equal("special0", RecordingEvents.Text(started, "serves"));
        Assert.Equal(["found"], States("00:02.0"));
    }

    [Fact]
    public async Task A_driver_that_leaves_the_device_alone_gives_way_to_the_next()
    {
        var choosy = new FakeDriver { Name = "choosy", Matches = [new PciIdMatch(0x8086, 0x7010)], Resources = [new BarRequest("bm", 4)], Probe = _ => new("not this one") };
        var general = new FakeDriver { Name = "general", Matches = [new PciClassMatch(1, 1)], Resources = [new BarRequest("bm", 4)] };
        await BindAsync("", choosy, general);
        Assert.Equal(["probe", "detach"], choosy.Verbs);
        Assert.Equal(["probe", "attach", "start"], general.Verbs);
    }

    [Fact]
    public async Task No_port_belongs_to_two_drivers()
    {
        var first = new FakeDriver { Name = "first", Matches = [new PciClassMatch(1, 1)], Resources = [new PortRequest("a", 0x1F0, 8)] };
        var second = new FakeDriver { Name = "second", Matches = [new PciClassMatch(2, 0)], Resources = [new PortRequest("b", 0x1F7, 1)] };
        DriverManager manager = await BindAsync("", first, second);
        Assert.Empty(second.Verbs);
        Assert.Equal(DeviceState.Failed, Device(manager, 2).State);
        Assert.Contains("belongs to first 00:01.1", Device(manager, 2).Error, StringComparison.Ordinal);
        Assert.Equal(["failed"], States("00:02.0"));

        // What the first driver lets go of is free again.
        await manager.DetachAsync(Device(manager, 1));
        Assert.Equal(["attached", "started", "detached"], States("00:01.1"));
        await manager.BindAsync([Device(manager, 2).Device]);
        Assert.Equal(["probe", "attach", "start"], second.Verbs);
    }

    [Fact]
    public async Task What_is_not_there_is_not_granted()
    {
        foreach (ResourceRequest request in new ResourceRequest[]
        {
            new BarRequest("x", 0), new BarRequest("x", 6), new BarRequest("x", -1), new BarRequest("x", 4, 8, 16), new BarRequest("x", 4, -8, 4),
            new BarRequest("x", 4, 16), new PortRequest("x", 0xFFF8, 16), new PortRequest("x", 0x100, 0), new IsaInterruptRequest("x", 16),
        })
        {
            var driver = new FakeDriver { Name = "greedy", Matches = [new PciClassMatch(1, 1)], Resources = [new PortRequest("first", 0x1F0, 8), request] };
            DriverManager manager = await BindAsync("", driver);
            Assert.Empty(driver.Verbs);
            Assert.Equal(DeviceState.Failed, Device(manager, 1).State);
            Assert.StartsWith("'x'", Device(manager, 1).Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_driver_that_throws_is_detached_and_others_go_on()
    {
        var bad = new FakeDriver
        {
            Name = "bad",
            Matches = [new PciClassMatch(1, 1)],
            Resources = [new IsaInterruptRequest("irq", 14)],
            Serves = [new MemoryBlockDevice(new byte[4096])],
            Start = (_, _) => throw new InvalidOperationException("no such luck"),
        };
        var good = new FakeDriver { Name = "good", Matches = [new PciClassMatch(2, 0)] };
        DriverManager manager = await BindAsync("", bad, good);
        Assert.Equal(["probe", "attach", "start", "detach"], bad.Verbs);
        Assert.Equal(["attached", "failed"], States("00:01.1"));
        Assert.Equal("no such luck", Device(manager, 1).Error);
        Assert.Empty(_blocks.Entries);
        Assert.Equal(0, _machine.Interrupts.OpenCount);
        Assert.Equal(0u, _machine.Pci.Read(new PciAddress(0, 0, 1, 1), 4, 2) & 4u); // bus mastering is off
        Assert.Equal(DeviceState.Started, Device(manager, 2).State);
    }

    [Fact]
    public async Task A_verb_that_exceeds_its_deadline_fails_the_device()
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var slow = new FakeDriver
        {
            Name = "slow",
            Matches = [new PciClassMatch(1, 1)],
            Attach = async (_, token) =>
            {
                entered.SetResult();
                await Task.Delay(Timeout.Infinite, token);
            },
        };
        Task<DriverManager> bind = BindAsync("", slow);
        await entered.Task;
        _clock.Advance(VerbDeadlines.Default.Attach);
        DriverManager manager = await bind;
        Assert.Equal(["probe", "attach", "detach"], slow.Verbs);
        Assert.Contains("Attach did not end within 70 s", Device(manager, 1).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_verb_that_ignores_its_cancellation_is_abandoned_and_its_registers_stay_claimed()
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var forever = new TaskCompletionSource();
        var stuck = new FakeDriver
        {
            Name = "stuck",
            Matches = [new PciClassMatch(1, 1)],
            Resources = [new PortRequest("a", 0x1F0, 8), new IsaInterruptRequest("irq", 14)],
            Detach = async _ =>
            {
                entered.SetResult();
                await forever.Task;
            },
        };
        var other = new FakeDriver { Name = "other", Matches = [new PciClassMatch(2, 0)], Resources = [new PortRequest("a", 0x1F0, 8)] };
        DriverManager manager = await BindAsync("", stuck);
        Task detach = manager.DetachAsync(Device(manager, 1));
        await entered.Task;
        _clock.Advance(VerbDeadlines.Default.Detach + TimeSpan.FromSeconds(5));
        await detach;
        Assert.Equal(DeviceState.Failed, Device(manager, 1).State);
        Assert.Contains("does not react", Device(manager, 1).Error, StringComparison.Ordinal);
        Assert.Equal(0, _machine.Interrupts.OpenCount);
        Assert.Empty(other.Verbs);
        forever.SetResult();
    }

    [Fact]
    public async Task A_throwing_interrupt_handler_fails_its_device()
    {
        var failed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var driver = new FakeDriver
        {
            Name = "nervous",
            Matches = [new PciClassMatch(1, 1)],
            Resources = [new IsaInterruptRequest("irq", 14)],
            Attach = (context, _) =>
            {
                context.Interrupts["irq"].Connect(() => throw new InvalidOperationException("oops"));
                return default;
            },
            Detach = _ =>
            {
                failed.SetResult();
                return default;
            },
        };
        DriverManager manager = await BindAsync("", driver);
        _machine.Interrupts.Raise(1);
        await failed.Task;
        SpinWait.SpinUntil(() => Device(manager, 1).State == DeviceState.Failed);
        Assert.Contains("oops", Device(manager, 1).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pci_interrupts_are_messages_where_offered_and_else_lines()
    {
        _machine.Pci.Add(0, 3, 0, new FakePciFunction(0x1AF4, 0x1041, 2, 0).With(6, 0x10, 2).With(0x34, 0x50, 1).With(0x50, 0x0005, 2).With(0x52, 0x80, 2));
        _machine.Memory.Add(0xFEB0_0000, 0x1000);
        var driver = new FakeDriver
        {
            Name = "net",
            Matches = [new PciClassMatch(2, 0)],
            Resources = [new PciInterruptRequest("irq")],
        };
        await BindAsync("", driver);
        Assert.Equal("MSI 0x52", driver.Context!.Interrupts["irq"].Name);
        Assert.Equal((10, Kernel.Core.InterruptFlags.Level | Kernel.Core.InterruptFlags.ActiveLow | Kernel.Core.InterruptFlags.Isa), Assert.Single(_machine.Interrupts.Opened));

        _machine.Interrupts.HasMessages = false;
        _machine.Pci.Add(0, 3, 0, new FakePciFunction(0x1AF4, 0x1041, 2, 0).With(0x3C, 0x010B, 2).With(6, 0x10, 2).With(0x34, 0x50, 1).With(0x50, 0x0005, 2));
        await BindAsync("", driver);
        Assert.Equal("IRQ 11", driver.Context!.Interrupts["irq"].Name);
    }

    [Fact]
    public async Task Suspend_and_resume_keep_what_is_published()
    {
        var driver = new FakeDriver { Name = "d", Matches = [new PciClassMatch(1, 1)], Serves = [new MemoryBlockDevice(new byte[4096])] };
        DriverManager manager = await BindAsync("", driver);
        BoundDevice device = Device(manager, 1);
        await manager.SuspendAsync(device);
        Assert.Equal(DeviceState.Suspended, device.State);
        Assert.Single(_blocks.Entries);
        await Assert.ThrowsAsync<InvalidOperationException>(() => manager.SuspendAsync(device));
        await manager.ResumeAsync(device);
        await manager.DetachAllAsync();
        Assert.Equal(["probe", "attach", "start", "suspend", "resume", "detach"], driver.Verbs);
        Assert.Empty(_blocks.Entries);
    }

    [Fact]
    public async Task A_device_that_failed_or_was_detached_is_attached_again()
    {
        bool isBroken = true;
        var driver = new FakeDriver
        {
            Name = "d",
            Matches = [new PciClassMatch(1, 1)],
            Resources = [new PortRequest("a", 0x1F0, 8)],
            Serves = [new MemoryBlockDevice(new byte[4096])],
            Start = (_, _) => isBroken ? throw new InvalidOperationException("not now") : default,
        };
        DriverManager manager = await BindAsync("", driver);
        BoundDevice device = Device(manager, 1);
        Assert.Equal(DeviceState.Failed, device.State);
        isBroken = false;
        await manager.AttachAsync(device);
        Assert.Equal((DeviceState.Started, null), (device.State, device.Error));
        await Assert.ThrowsAsync<InvalidOperationException>(() => manager.AttachAsync(device));
        await manager.DetachAsync(device);
        await manager.AttachAsync(device);
        Assert.Single(_blocks.Entries);
        Assert.Equal(["attached", "failed", "attached", "started", "detached", "attached", "started"], States("00:01.1"));

        // A device without a driver may be tried as well, and still has none.
        await manager.AttachAsync(Device(manager, 2));
        Assert.Equal(["found", "found"], States("00:02.0"));
    }

    [Fact]
    public async Task A_device_whose_driver_never_let_go_of_it_cannot_be_attached_again()
    {
        var never = new TaskCompletionSource();
        var driver = new FakeDriver
        {
            Name = "d",
            Matches = [new PciClassMatch(1, 1)],
            Resources = [new PortRequest("a", 0x1F0, 8)],
            Detach = _ => new ValueTask(never.Task),
        };
        DriverManager manager = await BindAsync("", driver);
        BoundDevice device = Device(manager, 1);
        Task detach = manager.DetachAsync(device);
        SpinWait.SpinUntil(() => driver.Verbs.Contains("detach"));
        _clock.Advance(VerbDeadlines.Default.Detach + TimeSpan.FromSeconds(6));
        await detach;
        Assert.Equal(DeviceState.Failed, device.State);
        await manager.AttachAsync(device);
        Assert.Equal(DeviceState.Failed, device.State);
        Assert.Contains("belongs to d 00:01.1", device.Error, StringComparison.Ordinal);
        never.SetResult();
    }

    [Fact]
    public async Task A_device_that_its_bus_takes_back_is_let_go_and_forgotten()
    {
        var driver = new FakeDriver { Name = "d", Matches = [new PciClassMatch(1, 1)], Serves = [new MemoryBlockDevice(new byte[4096])] };
        DriverManager manager = await BindAsync("", driver);
        BoundDevice device = Device(manager, 1);
        await manager.RemoveAsync(device.Device);
        Assert.Equal(["attached", "started", "detached", "removed"], States("00:01.1"));
        Assert.DoesNotContain(device, manager.Devices);
        Assert.Empty(_blocks.Entries);
        await Assert.ThrowsAsync<InvalidOperationException>(() => manager.AttachAsync(device));
        await manager.RemoveAsync(device.Device);
        Assert.Equal(4, States("00:01.1").Count());
        await manager.DetachAllAsync();
        await manager.AddAsync(device.Device);
        Assert.DoesNotContain(manager.Devices, other => other.Device == device.Device);
    }

    [Fact]
    public async Task A_detached_driver_cannot_publish()
    {
        var driver = new FakeDriver { Name = "d", Matches = [new PciClassMatch(1, 1)] };
        DriverManager manager = await BindAsync("", driver);
        await manager.DetachAllAsync();
        Assert.Throws<InvalidOperationException>(() => driver.Context!.Publications.Publish(new MemoryBlockDevice(new byte[512])));
    }

    [Fact]
    public async Task A_name_that_is_taken_fails_the_second_driver()
    {
        var first = new FakeDriver { Name = "a", Matches = [new PciClassMatch(1, 1)], Serves = [new MemoryBlockDevice(new byte[512])] };
        var second = new FakeDriver { Name = "b", Matches = [new PciClassMatch(2, 0)], Serves = [new MemoryBlockDevice(new byte[512])] };
        DriverManager manager = await BindAsync("", first, second);
        Assert.Equal(DeviceState.Failed, Device(manager, 2).State);
        Assert.Equal("a 00:01.1", Assert.Single(_blocks.Entries).Driver);
    }

    /// <summary>The function under test of slot 1 or 2.</summary>
    private static BoundDevice Device(DriverManager manager, int slot) =>
        manager.Devices.First(device => device.Device.Location == (slot == 1 ? "00:01.1" : "00:02.0"));

    private IEnumerable<string?> States(string address) => _machine.Events.Of("device")
        .Where(entry => RecordingEvents.Text(entry, "address") == address)
        .Select(entry => RecordingEvents.Text(entry, "state"));

    private async Task<DriverManager> BindAsync(string commandLine, params FakeDriver[] drivers)
    {
        PciTopology topology = PciEnumerator.Enumerate(_machine.Pci, _machine.Log);
        var granter = new ResourceGranter(
            _machine.Ports,
            _machine.Memory,
            new InterruptDispatcher(_machine.Interrupts, _machine.Log),
            _machine.Log)
        {
            InterruptRouter = new PciInterruptRouter(topology, _machine.Ports, _machine.Memory, _machine.Log),
        };
        var environment = new DriverEnvironment(new DmaMemory(_machine.Dma), _machine.DynamicMemory, _clock, _machine.Log, KernelCommandLine.Parse(commandLine));
        var manager = new DriverManager(drivers, granter, _blocks, new NetworkRegistry(), new BalloonRegistry(), environment, _machine.Events, VerbDeadlines.Default);
        await manager.BindAsync(topology.Devices);
        return manager;
    }
}
