using GuestOS.Machine;
using GuestOS.Machine.Block;
using GuestOS.Machine.Drivers;
using GuestOS.Sandbox.Ide;
using GuestOS.Sandbox.Memory;
using GuestOS.Sandbox.Scheduling;
using GuestOS.Testing;
using Xunit;

namespace GuestOS.Drivers.Ata.Tests;

/// <summary>
/// A machine with one IDE controller, the driver bound to it, and a clock that the test moves. Everything happens on the test's thread:
/// the same seed gives the same run.
/// </summary>
internal sealed class IdeMachine : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);
    private readonly IDriverInstance _instance;

    public IdeMachine(int seed = 1, IdeControllerOptions? controller = null, Action<IdeControllerModel>? attach = null, params (string Name, string Value)[] options)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        Random = new Random(seed);
        Clock = new ManualTimeProvider(seed);
        Memory = new SimulatedMemory(Random);
        Controller = new IdeControllerModel(Clock, Random, Memory, controller ?? new IdeControllerOptions());
        attach?.Invoke(Controller);
        var driver = new AtaDriver();
        var registers = new Dictionary<string, IRegisterWindow>();
        var interrupts = new Dictionary<string, IInterrupt>();
        foreach (var request in driver.DeclareResources(Controller.Pci))
        {
            switch (request)
            {
                case IsaInterruptRequest isa:
                    interrupts.Add(request.Name, Controller.Open(isa));
                    break;
                case PciInterruptRequest pci:
                    interrupts.Add(request.Name, Controller.Open(pci));
                    break;
                default:
                    registers.Add(request.Name, Controller.Open(request));
                    break;
            }
        }

        var all = options.ToDictionary(option => option.Name, option => option.Value);
        all.TryAdd("inline", "1");
        _instance = driver.Create(new DriverContext
        {
            Device = Controller.Pci,
            Registers = registers,
            Interrupts = interrupts,
            Dma = Memory,
            Clock = Clock,
            WorkThreads = new SimulatedWorkThreads(Clock),
            Log = Log,
            Publications = Published,
            Options = all,
        });
    }

    public Random Random { get; }

    public ManualTimeProvider Clock { get; }

    public SimulatedMemory Memory { get; }

    public IdeControllerModel Controller { get; }

    public ListLog Log { get; } = new();

    public PublishedDevices Published { get; } = new();

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
        return (machine, (AtaDisk)machine.Published.Devices[0], model!);
    }

    /// <summary>A started machine with one packet drive at ata1.0.</summary>
    public static (IdeMachine Machine, AtapiDrive Drive, IdeDiscModel Model) WithDisc(
        BlockImage? medium, int seed = 1, bool hasDma = true, bool interruptsForPacket = false, params (string Name, string Value)[] options)
    {
        IdeDiscModel? model = null;
        var machine = new IdeMachine(
            seed, null, ide => model = ide.Channels[1].Attach(0, IdeDiscModel.With(medium, hasDma: hasDma, interruptsForPacket: interruptsForPacket)), options);
        machine.Start();
        return (machine, (AtapiDrive)machine.Published.Devices[0], model!);
    }

    public IBlockDevice Device(string name) => Published.Devices.Single(device => device.Name == name);

    public void Start()
    {
        Assert.Null(Run(_instance.ProbeAsync(default)));
        Run(_instance.AttachAsync(default));
        Run(_instance.StartAsync(default));
    }

    /// <summary>Moves the clock until the task is done.</summary>
    public T Run<T>(ValueTask<T> task)
    {
        var pending = task.AsTask();
        RunUntil(() => pending.IsCompleted);
        return pending.GetAwaiter().GetResult();
    }

    public void Run(ValueTask task)
    {
        var pending = task.AsTask();
        RunUntil(() => pending.IsCompleted);
        pending.GetAwaiter().GetResult();
    }

    public void Run(Task task)
    {
        RunUntil(() => task.IsCompleted);
        task.GetAwaiter().GetResult();
    }

    public void RunUntil(Func<bool> condition)
    {
        var start = Clock.Elapsed;
        while (!condition())
        {
            Assert.True(Clock.RunNext(), "Nothing is going to happen any more.");
            Assert.True(Clock.Elapsed - start < Patience, "Too long.");
        }
    }

    public byte[] Bytes(int length)
    {
        var data = new byte[length];
        Random.NextBytes(data);
        return data;
    }

    /// <summary>A caller's buffer with random content.</summary>
    public CallerBuffer Buffer(int length, int offset = 0, PagePlacement placement = PagePlacement.Scattered)
    {
        var buffer = Memory.AllocateCaller(length, offset, placement);
        Random.NextBytes(buffer.GetSpan());
        return buffer;
    }

    /// <summary>Nobody broke the standard, no memory was touched that must not be, and nothing stays mapped.</summary>
    public void AssertClean()
    {
        foreach (var channel in Controller.Channels)
            Assert.Empty(channel.Violations);
        Assert.Empty(Memory.Violations);
    }

    public void Dispose() => Controller.Dispose();
}
