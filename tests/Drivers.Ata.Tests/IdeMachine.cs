using GuestOS.Machine.Block;
using GuestOS.Machine.Drivers;
using GuestOS.Sandbox.Ide;
using GuestOS.Testing.Guests;
using Xunit;

namespace GuestOS.Drivers.Ata.Tests;

/// <summary>A machine with one IDE controller, and the driver bound to it.</summary>
internal sealed class IdeMachine : ClockedMachine, IDisposable
{
    private readonly IDriverInstance _instance;

    public IdeMachine(int seed = 1, IdeControllerOptions? controller = null, Action<IdeControllerModel>? attach = null, params (string Name, string Value)[] options)
        : base(seed)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        Controller = new IdeControllerModel(Clock, Random, Memory, controller ?? new IdeControllerOptions());
        attach?.Invoke(Controller);
        _instance = Setup(DriverSetup.Inline(options)).Create(new AtaDriver(), Controller.Pci, Controller.Open, Controller.OpenInterrupt);
    }

    public IdeControllerModel Controller { get; }

    public IDriverInstance Instance => _instance;

    public IReadOnlyList<IdeChannel> Channels => ((IdeController)_instance).Channels;

    /// <summary>A started machine with one default disk at ata0.0.</summary>
    public static (IdeMachine Machine, AtaDisk Disk, IdeDiskModel Model) WithDisk(
        IdeDiskOptions? disk = null, int seed = 1, IdeControllerOptions? controller = null, params (string Name, string Value)[] options)
    {
        IdeDiskModel? model = null;
        var machine = new IdeMachine(
            seed, controller, ide => model = ide.Channels[0].Attach(0, IdeDiskModel.With(disk ?? new IdeDiskOptions())), options);
        machine.Start();
        return (machine, (AtaDisk)machine.Disks[0], model!);
    }

    /// <summary>A started machine with one packet drive at ata1.0.</summary>
    public static (IdeMachine Machine, AtapiDrive Drive, IdeDiscModel Model) WithDisc(
        BlockImage? medium, int seed = 1, bool hasDma = true, bool interruptsForPacket = false, params (string Name, string Value)[] options)
    {
        IdeDiscModel? model = null;
        var machine = new IdeMachine(
            seed, null, ide => model = ide.Channels[1].Attach(0, IdeDiscModel.With(medium, hasDma: hasDma, interruptsForPacket: interruptsForPacket)), options);
        machine.Start();
        return (machine, (AtapiDrive)machine.Disks[0], model!);
    }

    public IBlockDevice Device(string name) => Disks.Single(device => device.Name == name);

    public void Start() => Start(_instance);

    /// <summary>Nobody broke the standard, no memory was touched that must not be, and nothing stays mapped.</summary>
    public void AssertClean()
    {
        foreach (var channel in Controller.Channels)
            Assert.Empty(channel.Violations);
        Assert.Empty(Memory.Violations);
    }

    public void Dispose() => Controller.Dispose();
}
