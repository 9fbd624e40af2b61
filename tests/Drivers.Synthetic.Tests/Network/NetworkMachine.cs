using GuestOS.Drivers.Synthetic.Network;
using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Machine;
using GuestOS.Machine.Network;
using GuestOS.Machine.Processors;
using GuestOS.Sandbox.Network;
using GuestOS.Sandbox.VmBus;
using GuestOS.Testing.Guests;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Network;

/// <summary>
/// A guest whose host offers one network adapter on a switch, with the driver bound to it; the test is the switch's other port.
/// </summary>
internal sealed class NetworkMachine : SimulatedGuest
{
    private static readonly byte[] s_filler = [129, .. new byte[3999]];

    public NetworkMachine(
        NetworkOptions? adapter = null,
        int seed = 1,
        int processors = 1,
        VmBusHostOptions? host = null,
        Func<ProcessorPlatform, ProcessorPlatform>? platform = null,
        params (string Name, string Value)[] options)
        : base(new SimulatedGuestOptions
        {
            Seed = seed,
            Processors = processors,
            Host = host ?? new VmBusHostOptions { StepsSingly = false },
            Platform = platform,
            Patience = TimeSpan.FromMinutes(30),
            DriverOptions = DriverSetup.Inline([.. options, ("receive", "256"), ("send", "128")]),
        })
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        Drivers.Add(new NetvscDriver());
        Provider = new NetworkProvider(Switch, adapter);
        Channel = Host.Offer(Provider);
        Switch.Received = frame =>
        {
            Wire.Add(frame);
            if (Echoes)
                Inject(Frames.Swapped(frame.Data), frame.Vlan, frame.IsVerified);
        };
    }

    public NetworkSwitch Switch { get; } = new();

    public NetworkProvider Provider { get; }

    public HostChannel Channel { get; }

    /// <summary>What came out of the switch at the test's port.</summary>
    public List<SwitchFrame> Wire { get; } = [];

    /// <summary>The test's port sends everything back.</summary>
    public bool Echoes { get; set; }

    public NetvscController Controller => (NetvscController)Assert.Single(Bound.Values);

    public NetvscAdapter Adapter => Controller.Adapter!;

    public static NetworkMachine Started(
        NetworkOptions? adapter = null, int seed = 1, int processors = 1, VmBusHostOptions? host = null, params (string Name, string Value)[] options)
    {
        var machine = new NetworkMachine(adapter, seed, processors, host, null, options);
        machine.Connect();
        Assert.Empty(machine.Failures);
        Assert.Single(machine.Adapters);
        return machine;
    }

    public override void Connect()
    {
        base.Connect();
        Settle();
    }

    public void Inject(byte[] data, ushort? vlan = null, bool isVerified = false) =>
        Switch.Inject(new SwitchFrame(data) { Vlan = vlan, IsVerified = isVerified });

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

    /// <summary>
    /// Leaves no room for a packet in the primary channel's ring, with messages that the host takes and does not answer (SWITCH_DATA_PATH),
    /// until the clock moves on.
    /// </summary>
    public void FillRing()
    {
        for (var length = s_filler.Length; length >= 40; length -= 8)
        {
            while (Adapter.Session!.Channel.TrySend(s_filler.AsSpan(0, length)) == SendResult.Sent)
            {
            }
        }
    }

    /// <summary>Frames that were received and nobody has taken; each copied and given back.</summary>
    public List<(byte[] Data, FrameOffload Offload)> TakeReceived()
    {
        var all = new List<(byte[], FrameOffload)>();
        var batch = new Frame[16];
        while (true)
        {
            using var stop = new CancellationTokenSource();
            var wait = Adapters[0].ReceiveAsync(batch, stop.Token);
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

    /// <summary>Whatever the host does.</summary>
    public void AssertSound()
    {
        Assert.Empty(Escaped);
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

    protected override void Dispose(bool disposing)
    {
        if (TestContext.Current.TestState?.Result == TestResult.Failed)
        {
            var trace = Host.Trace.ToString();
            TestContext.Current.TestOutputHelper?.WriteLine(trace[Math.Max(0, trace.Length - 20_000)..]);
        }

        base.Dispose(disposing);
    }
}
