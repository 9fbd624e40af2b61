using System.Globalization;
using GuestOS.Drivers.VmBus.Offers;
using GuestOS.Kernel.Block;
using GuestOS.Kernel.Core;
using GuestOS.Kernel.Drivers;
using GuestOS.Kernel.FileSystems;
using GuestOS.Kernel.FileSystems.Serving;
using GuestOS.Kernel.Handoff;
using GuestOS.Kernel.Hardware;
using GuestOS.Kernel.Memory;
using GuestOS.Kernel.Network;
using GuestOS.Kernel.Pci;
using GuestOS.Kernel.Services;
using GuestOS.Kernel.VmBus;
using GuestOS.Machine;
using GuestOS.Machine.Drivers;
using GuestOS.Services;
using GuestOS.Services.KeyValue;

namespace GuestOS.Kernel;

/// <summary>The managed kernel: brings the machine up in order, and down again.</summary>
internal sealed class KernelSystem
{
    /// <summary>Where the boot medium is mounted.</summary>
    public const string BootMount = "boot";

    private static readonly TimeSpan ShutdownLimit = TimeSpan.FromSeconds(60);

    /// <summary>Closing what drivers have left open, and the host's answer to UNLOAD, each with limits of its own.</summary>
    private static readonly TimeSpan DisconnectLimit = TimeSpan.FromSeconds(90);

    /// <summary>What the guest tells its host of itself.</summary>
    private static readonly GuestFacts Facts = new()
    {
        ServicesVersion = KernelVersion.Text,
        OsName = "GuestOS on .NET " + Environment.Version,
        KernelVersion = KernelVersion.Text,
        MajorVersion = KernelVersion.Major,
        MinorVersion = KernelVersion.Minor,
        BuildNumber = KernelVersion.Build,
    };

    private readonly IReadOnlyList<IDriver> _drivers;
    private readonly string _program;
    private readonly DiskManager _disks;
    private int _isDown;

    /// <param name="machine">What it runs on.</param>
    /// <param name="drivers">The image's drivers.</param>
    /// <param name="program">Name of the image's program.</param>
    public KernelSystem(KernelMachine machine, IReadOnlyList<IDriver> drivers, string program)
    {
        Machine = machine;
        Services = new GuestServices(
            Facts, machine.WallClock, new SystemPower(this), machine.Processors.Executor, machine.Clock, machine.Log);
        _ = new ServiceEvents(Services, machine.Events, machine.Log);
        _drivers = [.. drivers, .. Services.Drivers];
        _program = program;
        CommandLine = KernelCommandLine.Parse(machine.Information.CommandLine);
        Blocks = new BlockRegistry(machine.Clock);
        Blocks.HandedOff += new HandoffEvents(machine.Events, machine.Log).Write;
        Networks = new NetworkRegistry(machine.Dma, machine.Clock);
        Networks.HandedOff += new HandoffEvents(machine.Events, machine.Log).Write;
        _disks = new DiskManager(Blocks, machine.Events, machine.Log);
        _ = new NicEvents(Networks, machine.Events, machine.Log);
        _ = new BalloonEvents(Balloons, machine.Events, machine.Log);
    }

    public KernelMachine Machine { get; }

    public KernelCommandLine CommandLine { get; }

    public BlockRegistry Blocks { get; }

    public NetworkRegistry Networks { get; }

    public BalloonRegistry Balloons { get; } = new();

    public MountTable Files { get; } = new();

    /// <summary>The integration services.</summary>
    public GuestServices Services { get; }

    /// <summary>Null before the drivers are bound.</summary>
    public DriverManager? Drivers { get; private set; }

    /// <summary>Null before the drivers are bound.</summary>
    public VmBusManager? VmBus { get; private set; }

    /// <summary>Null when there is no boot medium.</summary>
    public BlockEntry? BootDisk { get; private set; }

    /// <summary>Brings everything up; ends when the machine is ready.</summary>
    public async Task StartAsync()
    {
        Machine.Log.Info("GuestOS: " + Machine.Information.Summary);
        KernelOptions.Check(CommandLine, _drivers, Machine.Events, Machine.Log);
        await BindAsync().ConfigureAwait(false);
        await _disks.WaitAsync().ConfigureAwait(false);
        await MountBootMediumAsync().ConfigureAwait(false);
        new FileServer(Machine.FileRequests, Files, Machine.Log).Start();

        MemoryInfo memory = Machine.Statistics.ReadMemory();
        Machine.Events.Write("ready", new("memoryUsed", memory.Total - memory.Free), new("program", _program));
        Machine.Log.Info(string.Create(CultureInfo.InvariantCulture, $"Ready; {(memory.Total - memory.Free) >> 10} KiB of memory in use."));
    }

    /// <summary>Looks at a disk again after its medium has changed.</summary>
    public Task LookAgainAsync(BlockEntry disk) => _disks.LookAgainAsync(disk);

    /// <summary>Detaches all drivers, which flushes all disks, and disconnects VMBus. Only the first call does something.</summary>
    public async Task ShutDownAsync()
    {
        if (Interlocked.Exchange(ref _isDown, 1) != 0 || Drivers is null)
            return;
        try
        {
            await Drivers.DetachAllAsync().WaitAsync(ShutdownLimit, Machine.Clock).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Machine.Log.Error(string.Create(
                CultureInfo.InvariantCulture, $"The drivers did not let go within {ShutdownLimit.TotalSeconds} s. Data that was not flushed may be lost."));
        }

        await DisconnectAsync().ConfigureAwait(false);
    }

    /// <summary>Ends the run in order; on the real machine it does not return.</summary>
    public async Task EndAsync(PowerKind kind, PowerReason reason, byte status = 0)
    {
        await ShutDownAsync().ConfigureAwait(false);
        Machine.Power.End(kind, reason, status);
    }

    private async Task DisconnectAsync()
    {
        if (VmBus is null)
            return;
        try
        {
            await VmBus.DisposeAsync().AsTask().WaitAsync(DisconnectLimit, Machine.Clock).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Machine.Log.Error(string.Create(CultureInfo.InvariantCulture, $"VMBus did not disconnect within {DisconnectLimit.TotalSeconds} s."));
        }
    }

    private async Task BindAsync()
    {
        var granter = new ResourceGranter(Machine.Ports, Machine.Memory, new InterruptDispatcher(Machine.Interrupts, Machine.Log), Machine.Log);
        var environment = new DriverEnvironment(Machine.Dma, Machine.DynamicMemory, Machine.Clock, Machine.Log, CommandLine) { Processors = Machine.Processors.Processors };
        var drivers = new DriverManager(_drivers, granter, Blocks, Networks, Balloons, environment, Machine.Events, VerbDeadlines.Default);
        Drivers = drivers;
        VmBus = new VmBusManager(
            Machine.Processors, drivers, VmBusClasses(), VmBusSettings.Read(CommandLine), new VmBusEvents(Machine.Events, Machine.Log));
        // The host is asked first: while it answers, PCI is read and disks are probed, which is mostly waiting for the devices.
        Task vmbus = VmBus.StartAsync();
        await drivers.BindAsync(FindPci(granter).Devices).ConfigureAwait(false);
        await vmbus.ConfigureAwait(false);
    }

    private PciTopology FindPci(ResourceGranter granter)
    {
        if (PciAccessFactory.Find(Machine.Ports, Machine.Memory, Machine.Information.McfgTable, Machine.Log) is not { } access)
        {
            Machine.Log.Info("PCI: none.");
            return new PciTopology();
        }

        PciTopology topology = PciEnumerator.Enumerate(access, Machine.Log);
        Machine.Log.Info(string.Create(CultureInfo.InvariantCulture, $"PCI: {topology.Devices.Count} functions, configuration space of {access.Length} bytes."));
        granter.InterruptRouter = new PciInterruptRouter(topology, Machine.Ports, Machine.Memory, Machine.Log);
        return topology;
    }

    /// <summary>The classes of VMBus devices that the image's drivers are for.</summary>
    private List<Guid> VmBusClasses()
    {
        var classes = new List<Guid>();
        foreach (IDriver driver in _drivers)
        {
            foreach (DeviceMatch match in driver.Matches)
            {
                if (match is VmBusClassMatch vmbus && !classes.Contains(vmbus.ClassId))
                    classes.Add(vmbus.ClassId);
            }
        }

        return classes;
    }

    private async Task MountBootMediumAsync()
    {
        string? wanted = CommandLine.Find(KernelOptions.Boot);
        if (await BootMedium.FindAsync(Blocks, wanted, Machine.Log).ConfigureAwait(false) is not var (entry, volume))
        {
            Machine.Log.Warning(wanted is null
                ? "No boot medium was found; /boot is not mounted."
                : $"There is no ISO 9660 volume on '{wanted}'; /boot is not mounted.");
            return;
        }

        Files.Mount(BootMount, volume);
        BootDisk = entry.Disk ?? entry;
        BootDisk.IsBootMedium = true;
        _disks.Report(BootDisk);
        Machine.Log.Info($"/{BootMount}: {volume.Format} \"{volume.Label}\" on {entry.Name}.");
    }
}
