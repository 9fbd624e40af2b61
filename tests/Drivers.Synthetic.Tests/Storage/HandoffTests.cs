using GuestOS.Drivers.Ata;
using GuestOS.Drivers.Synthetic.Storage.Protocol;
using GuestOS.Kernel.Block;
using GuestOS.Kernel.Handoff;
using GuestOS.Machine.Block;
using GuestOS.Machine.Drivers;
using GuestOS.Machine.Memory;
using GuestOS.Machine.Network;
using GuestOS.Sandbox.Ide;
using GuestOS.Sandbox.Storage;
using GuestOS.Sandbox.Storage.Scsi;
using GuestOS.Sandbox.VmBus;
using GuestOS.Testing;
using GuestOS.Testing.Block;
using GuestOS.Testing.Guests;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Storage;

/// <summary>
/// The whole change of one disk between its two drivers: ATA on the model of a PIIX4 controller, and storvsc on the simulated host, with one image
/// behind both, on one clock and in one memory.
/// </summary>
public sealed class HandoffTests
{
    private const int Blocks = 16;
    private const long ImageLength = 1 << 20;

    private sealed class Rig : IPublications, IDisposable
    {
        private readonly StorageProvider _provider;
        private HostChannel? _channel;

        public Rig(int seed)
        {
            Machine = new StorageMachine(seed);
            Random = Machine.Random;
            Image = new BlockImage(ImageLength);
            Registry = new BlockRegistry(Machine.Clock);
            Registry.HandedOff += Reports.Add;
            Machine.OnPublish = device => Registry.Add(device, "storvsc");
            Machine.OnWithdraw = Registry.Remove;
            Controller = new IdeControllerModel(Machine.Clock, Random, Machine.Memory, new IdeControllerOptions());
            Drive = Controller.Channels[0].Attach(0, IdeDiskModel.With(new IdeDiskOptions { BlockCount = ImageLength / 512 }, Image));
            Controller.Channels[1].Attach(0, IdeDiscModel.With(new BlockImage(2048 * 100)));
            var setup = new DriverSetup
            {
                Memory = Machine.Memory, Clock = Machine.Clock, Log = Machine.Log, Publications = this, Options = DriverSetup.Inline(),
            };
            var ata = setup.Create(new AtaDriver(), Controller.Pci, Controller.Open, Controller.OpenInterrupt);
            Unit = new ScsiDisk(Image) { Identity = new ScsiIdentity() };
            _provider = StorageProvider.Ide(0, 0, Unit, new StorageProviderOptions
            {
                Latency = () => TimeSpan.FromMicroseconds(Random.Next(60)),
                AnswerLatency = () => TimeSpan.FromMicroseconds(Random.Next(60)),
            });
            Machine.Start(ata);
            History = new BlockHistory(Blocks);
        }

        public StorageMachine Machine { get; }

        public Random Random { get; }

        public BlockImage Image { get; }

        public IdeControllerModel Controller { get; }

        public IdeDiskModel Drive { get; }

        public ScsiDisk Unit { get; }

        public StorageProvider Provider => _provider;

        public BlockRegistry Registry { get; }

        public List<HandoffReport> Reports { get; } = [];

        public BlockHistory History { get; }

        public IBlockDevice Disk => Registry.Entries.Single(entry => entry.Name == "ata0.0").Device;

        public void Offer() => _channel = Machine.Host.Offer(_provider);

        public void Connect() => Machine.Connect();

        public void Rescind() => Machine.Host.Rescind(_channel!);

        public void OfferAgain() => Machine.Host.OfferAgain(_channel!);

        public Task Delay(int mostMicroseconds) => Machine.Clock.After(TimeSpan.FromMicroseconds(Random.Next(mostMicroseconds)));

        public void Check(int seed)
        {
            var content = new byte[512];
            for (var i = 0; i < Blocks; i++)
            {
                Image.Read(i * 512, content);
                History.CheckMedium(i, content);
            }

            Assert.True(History.Violations.Count == 0, $"seed {seed}: {string.Join("; ", History.Violations)}");
            Assert.Empty(Machine.Memory.Violations);

            // Messages of the bus may cross a rescind; what goes through a channel may not be wrong.
            Assert.DoesNotContain(Machine.Host.GuestErrors, error => error.StartsWith("channel", StringComparison.Ordinal) && !error.Contains("rescinded", StringComparison.Ordinal));
            foreach (var channel in Controller.Channels)
                Assert.Empty(channel.Violations);
        }

        public void Publish(IBlockDevice device) => Registry.Add(device, "ata 00:01.1");

        public void Withdraw(IBlockDevice device) => Registry.Remove(device);

        public void Publish(INetworkDevice device) => throw new NotSupportedException();

        public void Withdraw(INetworkDevice device) => throw new NotSupportedException();

        public void Publish(IMemoryBalloon balloon) => throw new NotSupportedException();

        public void Withdraw(IMemoryBalloon balloon) => throw new NotSupportedException();

        public void Dispose()
        {
            Controller.Dispose();
            Machine.Dispose();
        }
    }

    [Fact]
    public void A_disk_goes_from_the_ide_controller_to_the_accelerator_and_back_while_the_disc_stays()
    {
        using var rig = new Rig(1);
        Assert.Equal(["ata0.0", "ata1.0"], rig.Registry.Entries.Select(entry => entry.Name));
        rig.Connect();
        rig.Offer();
        var early = rig.Disk.WriteAsync(3, new byte[512]).AsTask();
        rig.Machine.RunUntil(() => rig.Reports.Count == 1);
        Assert.True(early.Result.IsSuccess);
        Assert.Equal(("ata0.0", "ide0.0", null), (rig.Reports[0].From.Name, rig.Reports[0].To.Name, rig.Reports[0].Error));
        Assert.Equal(["ata0.0", "ata1.0"], rig.Registry.Entries.Select(entry => entry.Name));

        // The emulated disk is at rest: all commands go the other way now.
        var before = rig.Unit.Commands;
        Assert.True(rig.Machine.Run(rig.Disk.WriteAsync(4, new byte[512])).IsSuccess);
        Assert.Equal(before + 1, rig.Unit.Commands);
        Assert.True(rig.Machine.Run(rig.Registry.Entries[1].Device.ReadAsync(0, new byte[2048])).IsSuccess);

        var inFlight = rig.Disk.WriteAsync(5, new byte[512]).AsTask();
        rig.Rescind();
        rig.Machine.Run(inFlight);
        Assert.True(inFlight.Result.IsSuccess);
        rig.Machine.RunUntil(() => rig.Reports.Count == 2);
        Assert.Equal("ata0.0", rig.Reports[1].To.Name);
        rig.OfferAgain();
        rig.Machine.RunUntil(() => rig.Reports.Count == 3);
        Assert.All(rig.Reports, report => Assert.Null(report.Error));
        rig.Machine.DetachAll();
        Assert.True(rig.Machine.Run(rig.Disk.FlushAsync()).IsSuccess);
        Assert.Equal(4, rig.Reports.Count);
        rig.Check(1);
    }

    [Fact]
    public void An_accelerator_that_hangs_gives_the_disk_back()
    {
        using var rig = new Rig(2);
        rig.Connect();
        rig.Offer();
        rig.Machine.RunUntil(() => rig.Reports.Count == 1);
        rig.Provider.Faults.Swallowed = 1;
        var data = rig.Machine.Bytes(512);
        Assert.True(rig.Machine.Run(rig.Disk.WriteAsync(9, data)).IsSuccess);
        var content = new byte[512];
        rig.Image.Read(9 * 512, content);
        Assert.Equal(data, content);
        Assert.Equal([StorageOperation.ResetLun, StorageOperation.ResetBus], rig.Provider.Resets);
        Assert.Equal("ata0.0", rig.Reports[1].To.Name);
        rig.Machine.Settle();
        Assert.Empty(rig.Machine.Disks);
    }

    /// <summary>A seed that fails is named, and replays alone with GUESTOS_SEED.</summary>
    [Fact]
    public void Ten_thousand_schedules_lose_double_reorder_and_fail_nothing()
    {
        var first = Seeds.First;
        TestContext.Current.TestOutputHelper?.WriteLine($"seeds {first} to {first + 9999}");
        var changes = 0;
        Parallel.For(first, first + 10_000, new ParallelOptions { MaxDegreeOfParallelism = 2 }, seed => Interlocked.Add(ref changes, Guard(seed)));
        Assert.True(changes > 10_000, $"only {changes} hand-offs took place");
    }

    private static int Guard(int seed)
    {
        try
        {
            return RunSchedule(seed);
        }
        catch (Exception exception) when (!exception.Message.StartsWith("seed", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"seed {seed}: {exception}", exception);
        }
    }

    private static int RunSchedule(int seed)
    {
        using var rig = new Rig(seed);
        var workload = new BlockWorkload(rig.Disk, rig.History, rig.Random, rig.Machine.Clock) { CancelOneIn = rig.Random.Next(4) == 0 ? 6 : 0 };
        var connecting = ConnectAsync(rig);
        var all = Task.WhenAll([.. Enumerable.Range(0, 3).Select(_ => workload.RunAsync(rig.Random.Next(3, 9)))]);
        var upset = UpsetAsync(rig, connecting, () => all.IsCompleted);
        rig.Machine.Run(all);
        rig.Machine.Run(upset);
        rig.Check(seed);
        return rig.Reports.Count(report => report.Error is null);
    }

    private static async Task ConnectAsync(Rig rig)
    {
        await rig.Delay(200).ConfigureAwait(false);
        rig.Offer();
        await rig.Machine.Bus.ConnectAsync(rig.Machine.SynIc).ConfigureAwait(false);
    }

    /// <summary>The accelerator is taken back at any moment of its life, and offered again; the host and the drive err meanwhile.</summary>
    private static async Task UpsetAsync(Rig rig, Task connecting, Func<bool> stop)
    {
        await connecting.ConfigureAwait(false);
        while (!stop())
        {
            await rig.Delay(rig.Random.Next(2) == 0 ? 100 : 1500).ConfigureAwait(false);
            if (rig.Random.Next(5) == 0)
                rig.Drive.Faults.CrcErrors = 1;
            if (rig.Random.Next(5) == 0)
                rig.Provider.Faults.Before = PassingError(rig.Random);
            rig.Rescind();
            await rig.Delay(300).ConfigureAwait(false);
            rig.OfferAgain();
        }
    }

    private static Func<ScsiAddress, ScsiCommand, bool> PassingError(Random random)
    {
        var left = random.Next(3);
        return (_, command) =>
        {
            if (left-- <= 0)
                return false;
            command.Fail(SenseData.WasReset);
            return true;
        };
    }
}
