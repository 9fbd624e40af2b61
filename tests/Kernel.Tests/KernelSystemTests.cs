using GuestOS.Kernel.Block;
using GuestOS.Kernel.Core;
using GuestOS.Kernel.FileSystems;
using GuestOS.Kernel.Tests.Block;
using GuestOS.Kernel.Tests.Fakes;
using GuestOS.Machine;
using GuestOS.Machine.Block;
using GuestOS.Machine.Drivers;
using GuestOS.Testing.Images;

namespace GuestOS.Kernel.Tests;

public sealed class KernelSystemTests
{
    [Fact]
    public async Task The_machine_comes_up_in_order_with_its_boot_medium_mounted()
    {
        using var machine = new FakeMachine();
        byte[] partitioned = PartitionImages.Disk(4096).WithGpt(512, (64, 99, "empty"), (100, 400, "boot"));
        BootableImages.Make().CopyTo(partitioned.AsSpan(100 * 512));
        KernelSystem system = await StartAsync(machine, "", new MemoryBlockDevice(new byte[8192], name: "ata0.0"), new MemoryBlockDevice(partitioned, name: "ata0.1"));

        Assert.Equal(["ata0.0", "ata0.1", "ata0.1p1", "ata0.1p2"], system.Blocks.Entries.Select(entry => entry.Name));
        Assert.Equal("ata0.1", system.BootDisk!.Name);
        Assert.True((await system.Files.FindAsync("/boot/boot/guestos.elf")).IsSuccess);

        // All disks have been reported by the time that one of them is the boot medium, and then the machine is ready.
        Assert.Equal(
            [("disk", "ata0.1", "True"), ("ready", null, null)],
            machine.Events.All.TakeLast(2).Select(entry => (entry.GetProperty("event").GetString()!, RecordingEvents.Text(entry, "name"), RecordingEvents.Text(entry, "boot"))));
        Assert.Equal(["ata0.0", "ata0.1", "ata0.1p1", "ata0.1p2"], machine.Events.Of("disk").SkipLast(1).Select(entry => RecordingEvents.Text(entry, "name")).Order());
        Assert.Equal("test program", RecordingEvents.Text(machine.Events.Of("ready")[0], "program"));
        Assert.Equal((14 << 20).ToString(System.Globalization.CultureInfo.InvariantCulture), RecordingEvents.Text(machine.Events.Of("ready")[0], "memoryUsed"));

        // The file server answers.
        Assert.Equal(0, (await machine.Files.CallAsync(FileOperation.Access, "/boot/README.md")).Result);

        await system.EndAsync(PowerKind.PowerOff, PowerReason.Console);
        Assert.Empty(system.Blocks.Entries);
        Assert.Equal((PowerKind.PowerOff, PowerReason.Console, (byte)0), Assert.Single(machine.Power.Ends));
    }

    /// <summary>A disk is looked at as soon as it is published. Either may take longer: that, or the rest of its driver's start.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Disks_are_reported_between_attached_and_ready_whether_their_driver_is_slower_or_they_are(bool isDriverSlower)
    {
        using var machine = new FakeMachine();
        var plain = new MemoryBlockDevice(PartitionImages.Disk(4096), name: "ata0.0");
        var partitioned = new MemoryBlockDevice(PartitionImages.Disk(4096).WithMbr((0x83, 64, 100), (0x83, 200, 100)), name: "ata0.1");
        if (!isDriverSlower)
            plain.BeforeRead = partitioned.BeforeRead = () => machine.Events.WaitForAsync("device", entry => RecordingEvents.Text(entry, "state") == "started");
        await StartAsync(machine, "", () => isDriverSlower ? machine.Events.WaitForAsync("disk", _ => true, times: 4) : Task.CompletedTask, plain, partitioned);

        IEnumerable<string?> story = machine.Events.All.Select(entry => RecordingEvents.Text(entry, "state") ?? RecordingEvents.Text(entry, "event"));
        Assert.Equal(
            isDriverSlower
                ? ["attached", "disk", "disk", "disk", "disk", "started", "ready"]
                : ["attached", "started", "disk", "disk", "disk", "disk", "ready"],
            story);

        // One disk waits for no other, but a partition comes after its disk.
        IEnumerable<string?> names = machine.Events.Of("disk").Select(entry => RecordingEvents.Text(entry, "name"));
        Assert.Equal(["ata0.1", "ata0.1p1", "ata0.1p2"], names.Where(name => name != "ata0.0"));
    }

    [Fact]
    public async Task A_machine_without_pci_gets_ready()
    {
        using var machine = new FakeMachine { HasPci = false };
        var system = new KernelSystem(machine.Create(), [], "p");
        await system.StartAsync();
        Assert.Single(machine.Events.Of("ready"));
        Assert.True(machine.Log.Has(LogLevel.Info, "PCI: none"));
        Assert.True(machine.Log.Has(LogLevel.Warning, "/boot is not mounted"));
        Assert.Equal(FileErrorKind.NotFound, (await system.Files.FindAsync("/boot")).Error?.Kind);
    }

    [Fact]
    public async Task A_broken_partition_table_is_reported_and_the_disk_stays_usable()
    {
        using var machine = new FakeMachine();
        byte[] disk = PartitionImages.Disk(4096).WithGpt(512, (64, 99, "x"));
        disk[512 + 60] ^= 1;
        disk[^500] ^= 1;
        KernelSystem system = await StartAsync(machine, "", new MemoryBlockDevice(disk));
        var report = Assert.Single(machine.Events.Of("disk"));
        Assert.Equal("broken", RecordingEvents.Text(report, "table"));
        Assert.Contains("checksum", RecordingEvents.Text(report, "error"), StringComparison.Ordinal);
        Assert.True(machine.Log.Has(LogLevel.Error, "stays usable"));
        Assert.True(system.Blocks.TryFind("mem0", out BlockEntry? entry));
        Assert.True((await entry.Device.ReadAsync(0, new byte[512])).IsSuccess);
    }

    [Fact]
    public async Task The_boot_medium_can_be_chosen()
    {
        using var machine = new FakeMachine();
        KernelSystem system = await StartAsync(
            machine, "guestos.boot=second", new MemoryBlockDevice(BootableImages.Make(), 2048, "first"), new MemoryBlockDevice(BootableImages.Make(), 2048, "second"));
        Assert.Equal("second", system.BootDisk!.Name);
        Assert.True(system.BootDisk.IsBootMedium);
    }

    [Fact]
    public async Task A_disk_whose_medium_changes_is_looked_at_again()
    {
        using var machine = new FakeMachine();
        var disk = new MemoryBlockDevice(PartitionImages.Disk(4096).WithMbr((0x83, 64, 100)));
        KernelSystem system = await StartAsync(machine, "", disk);
        Assert.Equal(2, system.Blocks.Entries.Count);
        disk.Content = PartitionImages.Disk(4096).WithMbr((0x83, 64, 100), (0x83, 200, 100));
        await system.LookAgainAsync(system.Blocks.Entries[0]);
        Assert.Equal(["mem0", "mem0p1", "mem0p2"], system.Blocks.Entries.Select(entry => entry.Name));
    }

    internal static Task<KernelSystem> StartAsync(FakeMachine machine, string commandLine, params MemoryBlockDevice[] disks) =>
        StartAsync(machine, commandLine, () => Task.CompletedTask, disks);

    /// <param name="machine">The machine.</param>
    /// <param name="commandLine">Its kernel's options.</param>
    /// <param name="starting">What the driver does once it has published the disks.</param>
    /// <param name="disks">What the driver serves.</param>
    private static async Task<KernelSystem> StartAsync(FakeMachine machine, string commandLine, Func<Task> starting, params MemoryBlockDevice[] disks)
    {
        machine.Pci.Add(0, 1, 0, new FakePciFunction(0x8086, 0x7010, 1, 1, 0x80));
        var driver = new FakeDriver { Name = "fake", Matches = [new PciClassMatch(1, 1)], Serves = disks, Start = (_, _) => new(starting()) };
        var system = new KernelSystem(machine.Create(commandLine), [driver], "test program");
        await system.StartAsync();
        return system;
    }
}
