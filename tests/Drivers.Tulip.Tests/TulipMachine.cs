using GuestOS.Machine.Drivers;
using GuestOS.Machine.Network;
using GuestOS.Sandbox.Tulip;
using GuestOS.Testing.Guests;
using Xunit;

namespace GuestOS.Drivers.Tulip.Tests;

/// <summary>A machine with one adapter, and the driver bound to it.</summary>
internal sealed class TulipMachine : ClockedMachine, IDisposable
{
    private readonly IReadOnlyDictionary<string, string> _options;
    private IDriverInstance _instance;

    public TulipMachine(int seed = 1, TulipModelOptions? adapter = null, params (string Name, string Value)[] options)
        : base(seed)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        Patience = TimeSpan.FromMinutes(10);
        Model = new TulipModel(Clock, Memory, adapter ?? Qemu());
        Model.Transmitted = frame =>
        {
            if (Records)
                Wire.Add(frame.ToArray());
        };
        _options = DriverSetup.Inline(options);
        _instance = Bind();
    }

    public TulipModel Model { get; }

    public IDriverInstance Instance => _instance;

    public TulipController Controller => (TulipController)_instance;

    public TulipAdapter Adapter => Controller.Adapter!;

    /// <summary>What went out, in order.</summary>
    public List<byte[]> Wire { get; } = [];

    /// <summary>Whether <see cref="Wire"/> is filled.</summary>
    public bool Records { get; set; } = true;

    /// <summary>The adapter of Hyper-V's generation 1.</summary>
    public static TulipModelOptions HyperV() => new()
    {
        Is21140 = true,
        Srom = new TulipSromBuilder { Direction = 0x1F, Blocks = [TulipSromBuilder.Mii21140] }.Build(),
    };

    /// <summary>The adapter of QEMU.</summary>
    public static TulipModelOptions Qemu() => new()
    {
        Srom = new TulipSromBuilder { Blocks = [TulipSromBuilder.Mii21143] }.Build(),
        Hashes = false,
        WritesBackLate = true,
    };

    public static TulipModelOptions Of(string kind) => kind == "21140" ? HyperV() : Qemu();

    public static TulipMachine Started(int seed = 1, TulipModelOptions? adapter = null, params (string Name, string Value)[] options)
    {
        var machine = new TulipMachine(seed, adapter, options);
        machine.Start();
        return machine;
    }

    public void Start()
    {
        Start(_instance);

        // The setup frame.
        Clock.Advance(TimeSpan.FromMilliseconds(1));
    }

    /// <summary>Takes the driver off; the next one is bound, not started.</summary>
    public void Rebind()
    {
        Run(_instance.DetachAsync(default));
        _instance = Bind();
    }

    /// <summary>A frame of random content from this adapter to nobody that it knows.</summary>
    public byte[] Bytes(int length, MacAddress? destination = null)
    {
        var data = new byte[length];
        Random.NextBytes(data);
        (destination ?? new MacAddress(0x0200_0000_0099)).Write(data);
        return data;
    }

    /// <summary>A frame of random content to this adapter.</summary>
    public byte[] ToMe(int length) => Bytes(length, Adapter.Address);

    public Frame Rent(ReadOnlySpan<byte> content)
    {
        Assert.True(Adapter.TryRent(out var frame));
        frame.Length = content.Length;
        content.CopyTo(frame.Data);
        return frame;
    }

    public async Task SendAsync(byte[] content)
    {
        var frame = await Adapter.RentAsync();
        frame.Length = content.Length;
        content.CopyTo(frame.Data);
        (await Adapter.SendAsync(frame)).ThrowIfFailed();
    }

    /// <summary>Frames that have been received and nobody has taken; each copied and given back.</summary>
    public List<byte[]> TakeReceived()
    {
        var all = new List<byte[]>();
        var batch = new Frame[16];
        while (true)
        {
            using var stop = new CancellationTokenSource();
            var wait = Adapter.ReceiveAsync(batch, stop.Token);
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
                all.Add(frame.Data.ToArray());
                frame.Release();
            }
        }
    }

    /// <summary>Lets everything that is under way end.</summary>
    public void Settle() => Clock.Advance(TimeSpan.FromMilliseconds(100));

    /// <summary>Nobody broke the manuals, and no memory was touched that must not be.</summary>
    public void AssertClean()
    {
        Assert.Empty(Model.Violations);
        Assert.Empty(Model.Phy.Violations);
        Assert.Empty(Memory.Violations);
    }

    public void Dispose()
    {
        Run(_instance.DetachAsync(default));
        Model.Dispose();
    }

    private IDriverInstance Bind() => Setup(_options).Create(new TulipDriver(), Model.Pci, Model.Open, _ => Model.Interrupt);
}
