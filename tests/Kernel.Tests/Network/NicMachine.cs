using GuestOS.Drivers.Synthetic.Network;
using GuestOS.Drivers.Tulip;
using GuestOS.Drivers.VmBus.Connections;
using GuestOS.Drivers.VmBus.Hypervisor;
using GuestOS.Drivers.VmBus.Offers;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Kernel.Handoff;
using GuestOS.Kernel.Network;
using GuestOS.Kernel.Network.Paths;
using GuestOS.Kernel.Tests.Fakes;
using GuestOS.Machine;
using GuestOS.Machine.Block;
using GuestOS.Machine.Drivers;
using GuestOS.Machine.Memory;
using GuestOS.Machine.Network;
using GuestOS.Sandbox.Memory;
using GuestOS.Sandbox.Network;
using GuestOS.Sandbox.Partition;
using GuestOS.Sandbox.Scheduling;
using GuestOS.Sandbox.Tulip;
using GuestOS.Sandbox.VmBus;
using GuestOS.Testing;

namespace GuestOS.Kernel.Tests.Network;

/// <summary>
/// A machine with an emulated tulip from the start and a synthetic adapter with the same address later, both on one switch, both with
/// their real drivers, and the kernel's registry between them and the program. All on the test's thread.
/// </summary>
internal sealed class NicMachine : IVmBusObserver, IPublications, ISwitchPort, IDisposable
{
    private static readonly byte[] Address = [0x00, 0x15, 0x5D, 0x01, 0x02, 0x03];
    private readonly TulipModel _model;
    private readonly IDriverInstance _tulip;
    private readonly Dictionary<INetworkDevice, string> _drivers = [];
    private readonly SynIc _synic;
    private readonly VmBusConnection _bus;
    private readonly RecordingLog _log = new();
    private readonly Dictionary<VmBusDevice, IDriverInstance> _bound = [];
    private readonly NetvscDriver _netvsc = new();
    private Task _binding = Task.CompletedTask;
    private string _driver = "";

    public NicMachine(int seed)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        Random = new Random(seed);
        Clock = new ManualTimeProvider(seed);
        Memory = new SimulatedMemory(Random);
        Registry = new NetworkRegistry(Memory, Clock);
        Registry.HandedOff += Reports.Add;
        Switch.Received = frame => Wire.Add(frame.Data);
        Switch.Connect(this);
        _model = new TulipModel(Clock, Memory, new TulipModelOptions
        {
            Srom = new TulipSromBuilder { Address = Address, Blocks = [TulipSromBuilder.Mii21143] }.Build(), Hashes = false,
        })
        {
            Transmitted = frame => Switch.Send(this, new SwitchFrame(frame.ToArray())),
        };
        var driver = new TulipDriver();
        var registers = new Dictionary<string, IRegisterWindow>();
        var interrupts = new Dictionary<string, IInterrupt>();
        foreach (ResourceRequest request in driver.DeclareResources(_model.Pci))
        {
            if (request is BarRequest bar)
                registers.Add(request.Name, _model.Open(bar));
            else
                interrupts.Add(request.Name, _model.Interrupt);
        }

        _tulip = driver.Create(Context(_model.Pci, registers, interrupts));
        var partition = new SimulatedPartition(Clock, Memory, _log, new PartitionOptions());
        Host = new VmBusHost(new PartitionTransport(partition), new VmBusHostOptions { StepsSingly = false });
        HypervisorInfo info = HypervisorInfo.Detect(partition.Platform.CpuId);
        var hypercalls = new Hypercalls(partition.Platform, info, GuestOsId.OpenSource(GuestOsId.OsType, 0, 1, 0));
        Assert.Null(hypercalls.Enable());
        _bus = new VmBusConnection(partition.Platform, hypercalls, new VirtualProcessors(partition.Platform, info), this);
        _synic = new SynIc(partition.Platform, info, _bus.Source);
        _synic.Start();
        Run(_bus.ConnectAsync(_synic).AsTask());
        _driver = "tulip 00:03.0";
        Run(StartAsync(_tulip));
    }

    public Random Random { get; }

    public ManualTimeProvider Clock { get; }

    public SimulatedMemory Memory { get; }

    public NetworkRegistry Registry { get; }

    public NetworkSwitch Switch { get; } = new();

    public VmBusHost Host { get; }

    /// <summary>What came out of the switch at the other end.</summary>
    public List<byte[]> Wire { get; } = [];

    public List<HandoffReport> Reports { get; } = [];

    public MultipathNic Nic => Assert.Single(Registry.Entries).Paths!;

    /// <summary>Frames that devices which vanished took with them.</summary>
    public long Vanished => Nic.Statistics.SendDropped;

    /// <summary>The host offers the synthetic adapter.</summary>
    public HostChannel OfferSynthetic() =>
        Host.Offer(new NetworkProvider(Switch, new NetworkOptions { Address = 0x0015_5D01_0203 })
        {
            Offer = new Sandbox.VmBus.ChannelOffer { ClassId = GuestOS.Drivers.VmBus.Protocol.ClassIds.Network, InstanceId = new Guid(Random.Next(), 1, 2, Address[..1].Concat(new byte[7]).ToArray()) },
        });

    public void Deliver(SwitchFrame frame) => _model.Deliver(frame.Data);

    public void OnOffered(VmBusDevice device) => _binding = BindAsync(device);

    public async ValueTask OnRescindedAsync(VmBusDevice device)
    {
        await _binding.ConfigureAwait(false);
        if (_bound.Remove(device, out IDriverInstance? instance))
            await instance.DetachAsync(default).ConfigureAwait(false);
    }

    public void OnBroken(VmBusDevice device, string reason) => Assert.Fail(reason);

    /// <summary>The synthetic adapter's driver is detached in good order.</summary>
    public async Task DetachSyntheticAsync()
    {
        await _binding.ConfigureAwait(false);
        foreach (VmBusDevice device in _bound.Keys.ToArray())
            await OnRescindedAsync(device).ConfigureAwait(false);
    }

    public void Publish(INetworkDevice device)
    {
        _drivers[device] = _driver;
        Registry.Add(device, _driver);
    }

    public void Withdraw(INetworkDevice device) => Registry.Remove(device);

    public void Publish(IBlockDevice device) => throw new NotSupportedException();

    public void Withdraw(IBlockDevice device) => throw new NotSupportedException();

    public void Publish(IMemoryBalloon balloon) => throw new NotSupportedException();

    public void Withdraw(IMemoryBalloon balloon) => throw new NotSupportedException();

    public void Run(Task task)
    {
        RunUntil(() => task.IsCompleted);
        task.GetAwaiter().GetResult();
    }

    public void RunUntil(Func<bool> condition)
    {
        TimeSpan start = Clock.Elapsed;
        for (int steps = 0; !condition(); steps++)
        {
            Assert.True(Clock.RunNext(), "Nothing is going to happen any more.");
            Assert.True(Clock.Elapsed - start < TimeSpan.FromMinutes(10) && steps < 2_000_000, "Too long.");
        }
    }

    public void Settle() => Clock.Advance(TimeSpan.FromMilliseconds(50));

    /// <summary>Sends a frame with a number; whether it was taken.</summary>
    public async Task<bool> SendAsync(int number, int length = 200)
    {
        Frame frame = Fill(await Nic.RentAsync().ConfigureAwait(false), number, length);
        return (await Nic.SendAsync(frame).ConfigureAwait(false)).IsSuccess;
    }

    /// <summary>A frame with a number; one with a negative number is too short.</summary>
    public Frame Frame(int number)
    {
        Assert.True(Nic.TryRent(out Frame? frame));
        Fill(frame, number, 200);
        if (number < 0)
            frame.Length = 13;
        return frame;
    }

    /// <summary>A broadcast with a number from the other end.</summary>
    public void Inject(int number)
    {
        var frame = new byte[100];
        frame.AsSpan(0, 6).Fill(0xFF);
        frame[6] = 2;
        frame[12] = 0x88;
        BitConverter.TryWriteBytes(frame.AsSpan(14), number);
        Switch.Inject(new SwitchFrame(frame));
    }

    public static int NumberOf(ReadOnlySpan<byte> frame) => BitConverter.ToInt32(frame[14..]);

    /// <summary>Numbers of frames that were received and nobody has taken.</summary>
    public List<int> TakeReceived()
    {
        var all = new List<int>();
        var batch = new Frame[16];
        while (true)
        {
            using var stop = new CancellationTokenSource();
            Task<int> wait = Nic.ReceiveAsync(batch, stop.Token).AsTask();
            if (!wait.IsCompleted)
            {
                // Its end is announced on another thread, and comes before the next wait begins.
                stop.Cancel();
                Assert.Throws<OperationCanceledException>(() => wait.GetAwaiter().GetResult());
                return all;
            }

            foreach (Frame frame in batch.AsSpan(0, wait.Result))
            {
                all.Add(NumberOf(frame.Data));
                frame.Release();
            }
        }
    }

    public void AssertClean()
    {
        Assert.Empty(Host.GuestErrors);
        Assert.Empty(Memory.Violations);
        Assert.Empty(_model.Violations);
    }

    public void Dispose()
    {
        Host.Dispose();
        _model.Dispose();
    }

    private static Frame Fill(Frame frame, int number, int length)
    {
        frame.Length = length;
        frame.Data.Clear();
        new MacAddress(0x0200_0000_0099).Write(frame.Data);
        Address.CopyTo(frame.Data[6..]);
        frame.Data[12] = 0x88;
        BitConverter.TryWriteBytes(frame.Data[14..], number);
        return frame;
    }

    private static async Task StartAsync(IDriverInstance instance)
    {
        Assert.Null(await instance.ProbeAsync(default).ConfigureAwait(false));
        await instance.AttachAsync(default).ConfigureAwait(false);
        await instance.StartAsync(default).ConfigureAwait(false);
    }

    private async Task BindAsync(VmBusDevice device)
    {
        _driver = "netvsc " + device.Location;
        IDriverInstance instance = _netvsc.Create(Context(device, new Dictionary<string, IRegisterWindow>(), new Dictionary<string, IInterrupt>()));
        _bound.Add(device, instance);
        try
        {
            await StartAsync(instance).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or TimeoutException or GuestOS.Drivers.VmBus.VmBusException)
        {
            _bound.Remove(device);
            await instance.DetachAsync(default).ConfigureAwait(false);
        }
    }

    private DriverContext Context(BusDevice device, Dictionary<string, IRegisterWindow> registers, Dictionary<string, IInterrupt> interrupts) => new()
    {
        Device = device,
        Registers = registers,
        Interrupts = interrupts,
        Dma = Memory,
        Clock = Clock,
        WorkThreads = new SimulatedWorkThreads(Clock),
        Log = _log,
        Publications = this,
        Options = new Dictionary<string, string> { ["inline"] = "1" }.Where(one => device is not VmBusDevice || one.Key == "inline").ToDictionary(),
    };
}
