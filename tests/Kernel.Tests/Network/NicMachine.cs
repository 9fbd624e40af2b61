using GuestOS.Drivers.Synthetic.Network;
using GuestOS.Drivers.Tulip;
using GuestOS.Drivers.VmBus.Connections;
using GuestOS.Drivers.VmBus.Hypervisor;
using GuestOS.Drivers.VmBus.Offers;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Kernel.Handoff;
using GuestOS.Kernel.Network;
using GuestOS.Kernel.Network.Paths;
using GuestOS.Machine.Drivers;
using GuestOS.Machine.Network;
using GuestOS.Sandbox.Memory;
using GuestOS.Sandbox.Network;
using GuestOS.Sandbox.Partition;
using GuestOS.Sandbox.Tulip;
using GuestOS.Sandbox.VmBus;
using GuestOS.Testing;
using GuestOS.Testing.Guests;

namespace GuestOS.Kernel.Tests.Network;

/// <summary>
/// A machine with an emulated tulip from the start and a synthetic adapter with the same address later, both on one switch, both with
/// their real drivers, and the kernel's registry between them and the program.
/// </summary>
internal sealed class NicMachine : ClockedMachine, IVmBusObserver, ISwitchPort, IDisposable
{
    private static readonly byte[] Address = [0x00, 0x15, 0x5D, 0x01, 0x02, 0x03];
    private readonly IDriverInstance _tulip;
    private readonly SynIc _synic;
    private readonly VmBusConnection _bus;
    private readonly Dictionary<VmBusDevice, IDriverInstance> _bound = [];
    private readonly NetvscDriver _netvsc = new();
    private readonly Interleaver? _interleaver;
    private readonly bool _isFine;
    private readonly int _pagesBefore;
    private NicReceiver? _receiver;
    private readonly Queue<(Func<Task> Verb, TaskCompletionSource End)> _verbs = new();
    private bool _hasVerb;
    private string _driver = "";

    /// <param name="seed">Decides the order of whatever happens at one moment, and what <see cref="Random"/> gives.</param>
    /// <param name="isFine">The host acts in single steps, in the guest's barriers too, and has little room for frames.</param>
    /// <param name="arrays">What its memory is made of; null: it allocates.</param>
    public NicMachine(int seed, bool isFine = false, PinnedArrays? arrays = null)
        : base(seed, arrays: arrays)
    {
        _isFine = isFine;
        Patience = TimeSpan.FromMinutes(10);
        Registry = new NetworkRegistry(Memory, Clock);
        Registry.HandedOff += Reports.Add;
        Switch.Received = frame => Wire.Add(frame.Data);
        Switch.Connect(this);
        Model = new TulipModel(Clock, Memory, new TulipModelOptions
        {
            Srom = new TulipSromBuilder { Address = Address, Blocks = [TulipSromBuilder.Mii21143] }.Build(), Hashes = false,
        })
        {
            Transmitted = frame => Switch.Send(this, new SwitchFrame(frame.ToArray())),
        };
        _tulip = Setup(DriverSetup.Inline()).Create(new TulipDriver(), Model.Pci, Model.Open, _ => Model.Interrupt);
        var partition = new SimulatedPartition(Clock, Memory, Log, new PartitionOptions());
        Host = new VmBusHost(new PartitionTransport(partition), new VmBusHostOptions { StepsSingly = isFine });
        if (isFine)
            _interleaver = new Interleaver(Memory, Host, seed);
        HypervisorInfo info = HypervisorInfo.Detect(partition.Platform.CpuId);
        var hypercalls = new Hypercalls(partition.Platform, info, GuestOsId.OpenSource(GuestOsId.OsType, 0, 1, 0));
        Assert.Null(hypercalls.Enable());
        _bus = new VmBusConnection(partition.Platform, hypercalls, new VirtualProcessors(partition.Platform, info), this);
        _synic = new SynIc(partition.Platform, info, _bus.Source);
        _synic.Start();
        Run(_bus.ConnectAsync(_synic));
        _pagesBefore = Memory.PageCount;
        _driver = "tulip 00:03.0";
        Start(_tulip);
    }

    public NetworkRegistry Registry { get; }

    public NetworkSwitch Switch { get; } = new();

    public VmBusHost Host { get; }

    /// <summary>The emulated adapter.</summary>
    public TulipModel Model { get; }

    /// <summary>What came out of the switch at the other end.</summary>
    public List<byte[]> Wire { get; } = [];

    public List<HandoffReport> Reports { get; } = [];

    /// <summary>Drivers of the synthetic adapter whose verbs failed, and why.</summary>
    public List<string> Failures { get; } = [];

    public MultipathNic Nic => Registry.Entries.Single().Paths!;

    /// <summary>Frames that devices which vanished took with them.</summary>
    public long Vanished => Nic.Statistics.SendDropped;

    /// <summary>The host offers the synthetic adapter.</summary>
    public (NetworkProvider Provider, HostChannel Channel) OfferSynthetic()
    {
        var provider = new NetworkProvider(Switch, new NetworkOptions { Address = 0x0015_5D01_0203 })
        {
            Offer = new Sandbox.VmBus.ChannelOffer
            {
                ClassId = GuestOS.Drivers.VmBus.Protocol.ClassIds.Network,
                InstanceId = new Guid(Random.Next(), 1, 2, [.. Address[..1], .. new byte[7]]),
            },
        };
        return (provider, Host.Offer(provider));
    }

    public void Deliver(SwitchFrame frame) => Model.Deliver(frame.Data);

    public void OnOffered(VmBusDevice device) => _ = VerbAsync(() => BindAsync(device));

    public ValueTask OnRescindedAsync(VmBusDevice device) => new(VerbAsync(() => UnbindAsync(device)));

    public void OnBroken(VmBusDevice device, string reason) => Assert.Fail(reason);

    /// <summary>The synthetic adapter's driver is detached in good order.</summary>
    public Task DetachSyntheticAsync() => VerbAsync(async () =>
    {
        foreach (VmBusDevice device in _bound.Keys.ToArray())
            await UnbindAsync(device).ConfigureAwait(false);
    });

    /// <summary>The emulated adapter's driver is detached in good order.</summary>
    public Task DetachEmulatedAsync() => _tulip.DetachAsync(default).AsTask();

    /// <summary>The driver of the synthetic adapter and then the bus are suspended, and resumed after a time.</summary>
    public async Task SuspendForAsync(TimeSpan time)
    {
        await EachAsync(static instance => instance.SuspendAsync(default)).ConfigureAwait(false);
        await _bus.SuspendAsync().ConfigureAwait(false);
        await Clock.After(time).ConfigureAwait(false);
        await _bus.ResumeAsync().ConfigureAwait(false);
        await EachAsync(static instance => instance.ResumeAsync(default)).ConfigureAwait(false);
    }

    /// <summary>The same with the driver of the emulated adapter alone, as far as the adapter is still there.</summary>
    public async Task TrySuspendEmulatedForAsync(TimeSpan time)
    {
        try
        {
            await _tulip.SuspendAsync(default).ConfigureAwait(false);
            await Clock.After(time).ConfigureAwait(false);
            await _tulip.ResumeAsync(default).ConfigureAwait(false);
        }
        catch (IOException) when (Model.Faults.Vanished)
        {
        }
    }

    public override void Publish(INetworkDevice device) => Registry.Add(device, _driver);

    public override void Withdraw(INetworkDevice device) => Registry.Remove(device);

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

    /// <summary>A frame with a number from the other end, a broadcast if nothing else is said.</summary>
    public void Inject(int number, ulong destination = 0xFFFF_FFFF_FFFF)
    {
        var frame = new byte[100];
        new MacAddress(destination).Write(frame);
        frame[6] = 2;
        frame[12] = 0x88;
        BitConverter.TryWriteBytes(frame.AsSpan(14), number);
        Switch.Inject(new SwitchFrame(frame));
    }

    public static int NumberOf(ReadOnlySpan<byte> frame) => BitConverter.ToInt32(frame[14..]);

    /// <summary>Numbers of frames that were received and nobody has taken.</summary>
    public List<int> TakeReceived()
    {
        _receiver ??= new NicReceiver(Nic);
        return _receiver.Take();
    }

    /// <summary>After all drivers are detached: no memory is left to devices, but what the bus itself has.</summary>
    public void AssertEnded()
    {
        AssertClean();
        Assert.Equal((_pagesBefore, 0L), (Memory.PageCount, _bus.Counters.LeakedBytes));
    }

    public void AssertClean()
    {
        // Messages of the bus may cross a rescind; what goes through a channel may not be wrong.
        Assert.DoesNotContain(Host.GuestErrors, static error => error.StartsWith("channel", StringComparison.Ordinal));
        Assert.Empty(Memory.Violations);
        Assert.Empty(Model.Violations);
    }

    public void Dispose()
    {
        _interleaver?.Dispose();
        Host.Dispose();
        Model.Dispose();
    }

    public static Frame Fill(Frame frame, int number, int length)
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
        if (await instance.ProbeAsync(default).ConfigureAwait(false) is { } refusal)
            throw new IOException(refusal);
        await instance.AttachAsync(default).ConfigureAwait(false);
        await instance.StartAsync(default).ConfigureAwait(false);
    }

    /// <summary>Verbs come one after another, as in the kernel.</summary>
    private Task VerbAsync(Func<Task> verb)
    {
        var end = new TaskCompletionSource();
        _verbs.Enqueue((verb, end));
        if (!_hasVerb)
            _ = RunVerbsAsync();
        return end.Task;
    }

    private async Task RunVerbsAsync()
    {
        _hasVerb = true;
        while (_verbs.TryDequeue(out (Func<Task> Verb, TaskCompletionSource End) next))
        {
            await next.Verb().ConfigureAwait(false);
            next.End.SetResult();
        }

        _hasVerb = false;
    }

    private async Task BindAsync(VmBusDevice device)
    {
        _driver = "netvsc " + device.Location;
        IDriverInstance instance = Setup(DriverSetup.Inline(_isFine ? [("receive", "64"), ("send", "64")] : [])).Create(_netvsc, device);
        _bound.Add(device, instance);
        await TryAsync(device, StartAsync(instance)).ConfigureAwait(false);
    }

    private async Task UnbindAsync(VmBusDevice device)
    {
        if (_bound.Remove(device, out IDriverInstance? instance))
            await instance.DetachAsync(default).ConfigureAwait(false);
    }

    private Task EachAsync(Func<IDriverInstance, ValueTask> verb) => VerbAsync(async () =>
    {
        foreach ((VmBusDevice device, IDriverInstance instance) in _bound.ToArray())
            await TryAsync(device, verb(instance).AsTask()).ConfigureAwait(false);
    });

    /// <summary>A driver whose verb fails is detached, as in the kernel.</summary>
    private async Task TryAsync(VmBusDevice device, Task verb)
    {
        try
        {
            await verb.ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or TimeoutException or GuestOS.Drivers.VmBus.VmBusException)
        {
            Failures.Add(exception.Message);
            await UnbindAsync(device).ConfigureAwait(false);
        }
    }
}
