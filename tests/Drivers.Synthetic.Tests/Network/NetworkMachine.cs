using GuestOS.Drivers.Synthetic.Network;
using GuestOS.Drivers.VmBus.Connections;
using GuestOS.Drivers.VmBus.Hypervisor;
using GuestOS.Drivers.VmBus.Offers;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Machine;
using GuestOS.Machine.Block;
using GuestOS.Machine.Drivers;
using GuestOS.Machine.Memory;
using GuestOS.Machine.Network;
using GuestOS.Machine.Processors;
using GuestOS.Sandbox.Memory;
using GuestOS.Sandbox.Network;
using GuestOS.Sandbox.Partition;
using GuestOS.Sandbox.Scheduling;
using GuestOS.Sandbox.VmBus;
using GuestOS.Testing;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Network;

/// <summary>
/// A guest whose host offers one network adapter on a switch, with the driver bound to it as the kernel binds it; the test is the switch's
/// other port. Everything happens on the test's thread: the same seed gives the same run.
/// </summary>
internal sealed class NetworkMachine : IVmBusObserver, IPublications, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(30);
    private readonly Dictionary<VmBusDevice, NetvscController> _bound = [];
    private readonly Dictionary<VmBusDevice, Task> _binding = [];
    private readonly NetvscDriver _driver = new();
    private readonly SynIc _synic;
    private readonly Dictionary<string, string> _options;
    private readonly ProcessorPlatform _platform;
    private readonly int _pagesBefore;

    public NetworkMachine(
        NetworkOptions? adapter = null,
        int seed = 1,
        int processors = 1,
        VmBusHostOptions? host = null,
        Func<ProcessorPlatform, ProcessorPlatform>? platform = null,
        params (string Name, string Value)[] options)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        Random = new Random(seed);
        Clock = new ManualTimeProvider(seed);
        Memory = new SimulatedMemory(Random);
        Partition = new SimulatedPartition(Clock, Memory, Log, new PartitionOptions { Processors = processors });
        Host = new VmBusHost(new PartitionTransport(Partition), host ?? new VmBusHostOptions { StepsSingly = false });
        _platform = platform is null ? Partition.Platform : platform(Partition.Platform);
        var info = HypervisorInfo.Detect(_platform.CpuId);
        var hypercalls = new Hypercalls(_platform, info, GuestOsId.OpenSource(GuestOsId.OsType, 0, 1, 0));
        Assert.Null(hypercalls.Enable());
        Bus = new VmBusConnection(_platform, hypercalls, new VirtualProcessors(_platform, info), this);
        _synic = new SynIc(_platform, info, Bus.Source);
        _synic.Start();
        _pagesBefore = Memory.PageCount;
        _options = options.ToDictionary(option => option.Name, option => option.Value);
        _options.TryAdd("inline", "1");
        _options.TryAdd("receive", "256");
        _options.TryAdd("send", "128");
        Provider = new NetworkProvider(Switch, adapter);
        Channel = Host.Offer(Provider);
        Switch.Received = frame =>
        {
            Wire.Add(frame);
            if (Echoes)
                Inject(Frames.Swapped(frame.Data), frame.Vlan, frame.IsVerified);
        };
    }

    public Random Random { get; }

    public ManualTimeProvider Clock { get; }

    public SimulatedMemory Memory { get; }

    public SimulatedPartition Partition { get; }

    public VmBusHost Host { get; }

    public VmBusConnection Bus { get; }

    public NetworkSwitch Switch { get; } = new();

    public NetworkProvider Provider { get; }

    public HostChannel Channel { get; }

    public ListLog Log { get; } = new();

    public List<INetworkDevice> Published { get; } = [];

    /// <summary>Drivers that could not be started, and why.</summary>
    public List<string> Failures { get; } = [];

    /// <summary>What came out of the switch at the test's port.</summary>
    public List<SwitchFrame> Wire { get; } = [];

    /// <summary>The test's port sends everything back.</summary>
    public bool Echoes { get; set; }

    /// <summary>Work of the guest that is not on the clock: does one thing, or has none.</summary>
    public Func<bool>? OtherWork { get; set; }

    public int Busy { get; private set; }

    public NetvscController Controller => Assert.Single(_bound.Values);

    public NetvscAdapter Adapter => Controller.Adapter!;

    public int PagesInUse => Memory.PageCount - _pagesBefore;

    public static NetworkMachine Started(
        NetworkOptions? adapter = null, int seed = 1, int processors = 1, VmBusHostOptions? host = null, params (string Name, string Value)[] options)
    {
        var machine = new NetworkMachine(adapter, seed, processors, host, null, options);
        machine.Connect();
        Assert.Empty(machine.Failures);
        Assert.Single(machine.Published);
        return machine;
    }

    public void Connect()
    {
        Run(Bus.ConnectAsync(_synic));
        RunUntil(() => Busy == 0);
        Settle();
    }

    public void Inject(byte[] data, ushort? vlan = null, bool isVerified = false) =>
        Switch.Inject(new SwitchFrame(data) { Vlan = vlan, IsVerified = isVerified });

    public void OnOffered(VmBusDevice device) => _binding[device] = BindAsync(device);

    public async ValueTask OnRescindedAsync(VmBusDevice device) => await UnbindAsync(device).ConfigureAwait(false);

    public void OnBroken(VmBusDevice device, string reason) => _ = UnbindAsync(device);

    public void Publish(INetworkDevice device) => Published.Add(device);

    public void Withdraw(INetworkDevice device) => Published.Remove(device);

    public void Publish(IBlockDevice device) => throw new NotSupportedException();

    public void Withdraw(IBlockDevice device) => throw new NotSupportedException();

    public void Publish(IMemoryBalloon balloon) => throw new NotSupportedException();

    public void Withdraw(IMemoryBalloon balloon) => throw new NotSupportedException();

    public T Run<T>(ValueTask<T> task)
    {
        var pending = task.AsTask();
        RunUntil(() => pending.IsCompleted);
        return pending.GetAwaiter().GetResult();
    }

    public void Run(ValueTask task) => Run(task.AsTask());

    public void Run(Task task)
    {
        RunUntil(() => task.IsCompleted);
        task.GetAwaiter().GetResult();
    }

    public void RunUntil(Func<bool> condition)
    {
        var start = Clock.Elapsed;
        for (var steps = 0; !condition(); steps++)
        {
            if (OtherWork?.Invoke() == true)
                continue;
            Assert.True(Clock.RunNext(), "Nothing is going to happen any more.");
            Assert.True(Clock.Elapsed - start < Patience && steps < 5_000_000, "Too long.");
        }
    }

    /// <summary>Everything that is due now, and what follows from it.</summary>
    public void Settle()
    {
        for (var i = 0; i < 100; i++)
        {
            while (OtherWork?.Invoke() == true)
            {
            }

            Clock.Advance(TimeSpan.FromMicroseconds(10));
        }
    }

    public Frame Rent(ReadOnlySpan<byte> content, FrameOffload offload = default)
    {
        Assert.True(Adapter.TryRent(out var frame));
        return Fill(frame, content, offload);
    }

    public static Frame Fill(Frame frame, ReadOnlySpan<byte> content, FrameOffload offload = default)
    {
        frame.Length = content.Length;
        content.CopyTo(frame.Data);
        frame.Offload = offload;
        return frame;
    }

    /// <summary>Sends one frame; ends when it has arrived wherever it goes.</summary>
    public void Send(ReadOnlySpan<byte> content, FrameOffload offload = default)
    {
        Run(Adapter.SendAsync(Rent(content, offload))).ThrowIfFailed();
        Settle();
    }

    public async Task SendAsync(byte[] content)
    {
        var frame = await Adapter.RentAsync().ConfigureAwait(false);
        (await Adapter.SendAsync(Fill(frame, content)).ConfigureAwait(false)).ThrowIfFailed();
    }

    /// <summary>Frames that were received and nobody has taken; each copied and given back.</summary>
    public List<(byte[] Data, FrameOffload Offload)> TakeReceived()
    {
        var all = new List<(byte[], FrameOffload)>();
        var batch = new Frame[16];
        while (true)
        {
            using var stop = new CancellationTokenSource();
            var wait = Published[0].ReceiveAsync(batch, stop.Token);
            if (!wait.IsCompleted)
            {
                stop.Cancel();
                Assert.Throws<OperationCanceledException>(() => wait.GetAwaiter().GetResult());
                return all;
            }

            var count = wait.GetAwaiter().GetResult();
            if (count == 0)
                return all;
            foreach (var frame in batch.AsSpan(0, count))
            {
                all.Add((frame.Data.ToArray(), frame.Offload));
                frame.Release();
            }
        }
    }

    /// <summary>A frame goes out, comes back, and is the same but for its addresses.</summary>
    public void AssertEchoes(int length = 1514)
    {
        Echoes = true;
        var content = Frames.Random(Random, length, Adapter.Address);
        Send(content);
        var (back, _) = Assert.Single(TakeReceived());
        Assert.Equal(content[12..], back[12..]);
        Echoes = false;
    }

    public void DetachAll()
    {
        foreach (var device in _bound.Keys.ToArray())
            Run(UnbindAsync(device));
    }

    /// <summary>Whatever the host does.</summary>
    public void AssertSound()
    {
        Assert.DoesNotContain(Log.Lines, line => line.Level == LogLevel.Error);
        Assert.Empty(Memory.Violations);
    }

    /// <summary>With a host that keeps to the protocol.</summary>
    public void AssertClean()
    {
        AssertSound();
        Assert.Empty(Host.GuestErrors);
    }

    /// <summary>After the end: the host has nothing any more, and no memory is lost.</summary>
    public void AssertNothingLeft()
    {
        Assert.Equal(0, Host.GpadlCount);
        Run(Bus.UnloadAsync());
        Assert.Equal((0, 0L), (PagesInUse, Bus.Counters.LeakedBytes));
    }

    public void Dispose()
    {
        if (TestContext.Current.TestState?.Result == TestResult.Failed)
        {
            var trace = Host.Trace.ToString();
            TestContext.Current.TestOutputHelper?.WriteLine(trace[Math.Max(0, trace.Length - 20_000)..]);
        }

        Host.Dispose();
        Partition.Dispose();
    }

    private async Task BindAsync(VmBusDevice device)
    {
        if (!_driver.Matches.Any(match => match.Score(device) > 0))
            return;
        Busy++;
        var controller = (NetvscController)_driver.Create(new DriverContext
        {
            Device = device,
            Registers = new Dictionary<string, IRegisterWindow>(),
            Interrupts = new Dictionary<string, IInterrupt>(),
            Dma = Memory,
            Clock = Clock,
            WorkThreads = new SimulatedWorkThreads(Clock),
            Processors = _platform.Processors,
            Log = Log,
            Publications = this,
            Options = _options,
        });
        try
        {
            if (await controller.ProbeAsync(default).ConfigureAwait(false) is { } refusal)
            {
                Failures.Add(refusal);
                return;
            }

            _bound.Add(device, controller);
            await controller.AttachAsync(default).ConfigureAwait(false);
            await controller.StartAsync(default).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or TimeoutException or VmBus.VmBusException)
        {
            Failures.Add(exception.Message);
            _bound.Remove(device);
            await controller.DetachAsync(default).ConfigureAwait(false);
        }
        finally
        {
            Busy--;
        }
    }

    /// <summary>Verbs come one after another, as in the kernel.</summary>
    private async Task UnbindAsync(VmBusDevice device)
    {
        if (_binding.TryGetValue(device, out var binding))
            await binding.ConfigureAwait(false);
        if (!_bound.Remove(device, out var controller))
            return;
        Busy++;
        await controller.DetachAsync(default).ConfigureAwait(false);
        Busy--;
    }
}
