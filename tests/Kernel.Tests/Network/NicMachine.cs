using GuestOS.Drivers.Synthetic.Network;
using GuestOS.Drivers.Tulip;
using GuestOS.Drivers.VmBus.Offers;
using GuestOS.Kernel.Handoff;
using GuestOS.Kernel.Network;
using GuestOS.Kernel.Network.Paths;
using GuestOS.Machine.Drivers;
using GuestOS.Machine.Network;
using GuestOS.Sandbox.Memory;
using GuestOS.Sandbox.Network;
using GuestOS.Sandbox.Tulip;
using GuestOS.Sandbox.VmBus;
using GuestOS.Testing;
using GuestOS.Testing.Guests;

namespace GuestOS.Kernel.Tests.Network;

/// <summary>
/// A machine with an emulated tulip from the start and a synthetic adapter with the same address later, both on one switch, both with
/// their real drivers, and the kernel's registry between them and the program.
/// </summary>
internal sealed class NicMachine : SimulatedGuest, ISwitchPort
{
    private static readonly byte[] Address = [0x00, 0x15, 0x5D, 0x01, 0x02, 0x03];
    private readonly IDriverInstance _tulip;
    private readonly Interleaver? _interleaver;
    private readonly int _pagesBefore;
    private NicReceiver? _receiver;
    private string _driver = "tulip 00:03.0";

    /// <param name="seed">Decides the order of whatever happens at one moment, and what <see cref="Random"/> gives.</param>
    /// <param name="isFine">The host acts in single steps, in the guest's barriers too, and has little room for frames.</param>
    /// <param name="arrays">What its memory is made of; null: it allocates.</param>
    public NicMachine(int seed, bool isFine = false, PinnedArrays? arrays = null)
        : base(new SimulatedGuestOptions
        {
            Seed = seed,
            Arrays = arrays,
            Host = new VmBusHostOptions { StepsSingly = isFine },
            Patience = TimeSpan.FromMinutes(10),
            DriverOptions = DriverSetup.Inline(isFine ? [("receive", "64"), ("send", "64")] : []),
        })
    {
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
        if (isFine)
            _interleaver = new Interleaver(Memory, Host, seed);
        Drivers.Add(new NetvscDriver());
        Connect();
        _pagesBefore = PagesInUse;
        Start(_tulip);
    }

    public NetworkRegistry Registry { get; }

    public NetworkSwitch Switch { get; } = new();

    /// <summary>The emulated adapter.</summary>
    public TulipModel Model { get; }

    /// <summary>What came out of the switch at the other end.</summary>
    public List<byte[]> Wire { get; } = [];

    public List<HandoffReport> Reports { get; } = [];

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

    public override void OnOffered(VmBusDevice device)
    {
        _driver = "netvsc " + device.Location;
        base.OnOffered(device);
    }

    /// <summary>The emulated adapter's driver is detached in good order.</summary>
    public Task DetachEmulatedAsync() => _tulip.DetachAsync(default).AsTask();

    /// <summary>The driver of the synthetic adapter and then the bus are suspended, and resumed after a time.</summary>
    public async Task SuspendForAsync(TimeSpan time)
    {
        await SuspendAsync().ConfigureAwait(false);
        await Clock.After(time).ConfigureAwait(false);
        await ResumeAsync().ConfigureAwait(false);
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

    public override void Settle() => Clock.Advance(TimeSpan.FromMilliseconds(50));

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
        Assert.Equal((_pagesBefore, 0L), (PagesInUse, Bus.Counters.LeakedBytes));
    }

    public void AssertClean()
    {
        // Messages of the bus may cross a rescind; what goes through a channel may not be wrong.
        Assert.DoesNotContain(Host.GuestErrors, static error => error.StartsWith("channel", StringComparison.Ordinal));
        Assert.Empty(Memory.Violations);
        Assert.Empty(Broken);
        Assert.Empty(Escaped);
        Assert.Empty(Model.Violations);
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

    protected override void Dispose(bool disposing)
    {
        _interleaver?.Dispose();
        base.Dispose(disposing);
        Model.Dispose();
    }
}
