using GuestOS.Machine;
using GuestOS.Machine.Block;
using GuestOS.Machine.Drivers;
using GuestOS.Machine.Memory;
using GuestOS.Machine.Network;
using GuestOS.Sandbox.Interrupts;
using GuestOS.Sandbox.Memory;
using GuestOS.Sandbox.Scheduling;
using GuestOS.Testing;

namespace GuestOS.Fuzz.Hostility;

/// <summary>A machine with one PCI device and its driver, on one thread and one clock, that calls the driver's verbs as the kernel does.</summary>
internal sealed class DeviceGuest : IPublications
{
    private const int MostSteps = 2_000_000;
    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);
    private IDriverInstance? _instance;

    public Random Random { get; } = new(1);

    public ManualTimeProvider Clock { get; } = new(1);

    public SimulatedMemory Memory { get; } = new(new Random(1));

    public ListLog Log { get; } = new();

    public List<IBlockDevice> Disks { get; } = [];

    public List<INetworkDevice> Adapters { get; } = [];

    /// <summary>Binds the driver: probe, attach, start. False when it declares the device unusable; it is detached then.</summary>
    public bool TryStart(
        IDriver driver, PciDevice device, Func<ResourceRequest, IRegisterWindow> windows, Func<ResourceRequest, SimulatedInterrupt> interrupts, params (string Name, string Value)[] options)
    {
        var registers = new Dictionary<string, IRegisterWindow>();
        var lines = new Dictionary<string, IInterrupt>();
        foreach (var request in driver.DeclareResources(device))
        {
            if (request is IsaInterruptRequest or PciInterruptRequest)
                lines.Add(request.Name, new GuardedLine(interrupts(request)));
            else
                registers.Add(request.Name, windows(request));
        }

        var all = options.ToDictionary(option => option.Name, option => option.Value);
        all.TryAdd("inline", "1");
        var instance = _instance = driver.Create(new DriverContext
        {
            Device = device,
            Registers = registers,
            Interrupts = lines,
            Dma = Memory,
            Clock = Clock,
            WorkThreads = new SimulatedWorkThreads(Clock),
            Log = Log,
            Publications = this,
            Options = all,
        });
        try
        {
            var probe = instance.ProbeAsync(default).AsTask();
            Run(probe);
            if (probe.Result is null)
            {
                Run(instance.AttachAsync(default).AsTask());
                Run(instance.StartAsync(default).AsTask());
                return true;
            }
        }
        catch (Exception exception) when (exception is IOException or TimeoutException)
        {
        }

        Detach();
        return false;
    }

    /// <summary>Takes the driver off its device.</summary>
    public void Detach()
    {
        if (_instance is null)
            return;
        Run(_instance.DetachAsync(default).AsTask());
        _instance = null;
    }

    /// <summary>Moves the clock until the task is done.</summary>
    public void Run(Task task)
    {
        var start = Clock.Elapsed;
        for (var step = 0; !task.IsCompleted; step++)
        {
            if (step > MostSteps || Clock.Elapsed - start > Patience)
                throw new FuzzException("a wait takes too long");
            if (!Clock.RunNext())
                throw new FuzzException("nothing will end a wait");
        }

        task.GetAwaiter().GetResult();
    }

    public void Publish(IBlockDevice device) => Disks.Add(device);

    public void Withdraw(IBlockDevice device) => Disks.Remove(device);

    public void Publish(INetworkDevice device) => Adapters.Add(device);

    public void Withdraw(INetworkDevice device) => Adapters.Remove(device);

    public void Publish(IMemoryBalloon balloon) => throw new FuzzException("a balloon is published");

    public void Withdraw(IMemoryBalloon balloon) => throw new FuzzException("a balloon is withdrawn");
}
