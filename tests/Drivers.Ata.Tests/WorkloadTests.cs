using System.Globalization;
using GuestOS.Machine.Block;
using GuestOS.Sandbox.Ide;
using GuestOS.Sandbox.Memory;
using Xunit;

namespace GuestOS.Drivers.Ata.Tests;

/// <summary>Four drives, many users, random faults: whatever a request reports must be true of the medium.</summary>
public sealed class WorkloadTests
{
    private const int Blocks = 4096;
    private const int BlocksOfUser = 256;

    [Theory]
    [InlineData(101, false)]
    [InlineData(102, false)]
    [InlineData(103, true)]
    [InlineData(104, true)]
    public void Random_requests_with_random_faults_keep_the_media_right(int seed, bool native)
    {
        var models = new List<IdeDiskModel>();
        var disc = new BlockImage(2048 * 600);
        disc.Fill(new Random(seed), disc.Length);
        using var machine = new IdeMachine(seed, new IdeControllerOptions { IsNative = native }, ide =>
        {
            models.Add(ide.Channels[0].Attach(0, IdeDiskModel.With(new IdeDiskOptions { BlockCount = Blocks })));
            models.Add(ide.Channels[0].Attach(1, IdeDiskModel.With(new IdeDiskOptions { BlockCount = Blocks, BlockSize = 4096 })));
            models.Add(ide.Channels[1].Attach(0, IdeDiskModel.With(new IdeDiskOptions { BlockCount = Blocks, HasLba48 = false, MaximumMultiple = 8 })));
            ide.Channels[1].Attach(1, IdeDiscModel.With(disc));
        });
        machine.Start();
        var faults = new Random(seed + 1);
        foreach (var channel in machine.Controller.Channels)
        {
            for (var i = 0; i < 2; i++)
                channel[i]!.Faults.Plan = (drive, command) => Spoil(drive, command, faults);
        }

        var users = new List<Task<int>>();
        for (var index = 0; index < models.Count; index++)
        {
            var disk = machine.Disks[index];
            for (var user = 0; user < 4; user++)
                users.Add(UseDisk(machine, disk, models[index], user, new Random((seed * 100) + (index * 10) + user)));
        }

        var drive = machine.Disks[3];
        Assert.IsType<AtapiDrive>(drive);
        users.Add(UseDisc(machine, drive, disc, new Random(seed)));
        machine.Run(Task.WhenAll(users));
        Assert.True(users.Sum(user => user.Result) > 600);
        foreach (var channel in machine.Channels)
        {
            Assert.True(channel.Counters.Retries > 0);
            Assert.True(channel.Counters.LostInterrupts > 0);
        }

        machine.AssertClean();
    }

    /// <summary>One command in twelve goes wrong somehow.</summary>
    private static void Spoil(IdeFaults drive, byte command, Random random)
    {
        if (command is 0xEC or 0xA1 or 0xC6 || random.Next(12) != 0)
            return;
        switch (random.Next(9))
        {
            case 0:
                drive.StuckBusy = 1;
                break;
            case 1:
                drive.NoDataRequest = 1;
                break;
            case 2:
            case 3:
            case 4:
                drive.ForgottenInterrupts = 1;
                break;
            case 5:
                drive.ShortTransfers = 1;
                break;
            case 6:
                drive.CrcErrors = 1;
                break;
            case 7:
                drive.Aborts = 1;
                break;
            default:
                drive.DmaStalls = 1;
                break;
        }
    }

    /// <summary>Each user has blocks of its own and knows what is in them; after a failed write it no longer knows, and writes again.</summary>
    private static async Task<int> UseDisk(IdeMachine machine, IBlockDevice disk, IdeDiskModel model, int user, Random random)
    {
        var size = disk.Geometry.BlockSize;
        var known = new byte[BlocksOfUser][];
        var first = (ulong)(user * BlocksOfUser);
        var good = 0;
        for (var round = 0; round < 60; round++)
        {
            var start = random.Next(BlocksOfUser);
            var count = random.Next(1, Math.Min(64, BlocksOfUser - start) + 1);
            using var buffer = machine.Memory.AllocateCaller(count * size, random.Next(4) == 0 ? 1 : random.Next(2048) * 2, (PagePlacement)random.Next(3));
            var where = string.Create(CultureInfo.InvariantCulture, $"{disk.Name} block {first + (ulong)start} +{count} round {round}");
            switch (random.Next(5))
            {
                case 0 or 1:
                    random.NextBytes(buffer.GetSpan());
                    var written = await disk.WriteAsync(first + (ulong)start, buffer.Memory);
                    for (var i = 0; i < count; i++)
                        known[start + i] = written.IsSuccess ? buffer.GetSpan().Slice(i * size, size).ToArray() : null!;
                    if (written.IsSuccess)
                        CheckMedium(model, buffer.GetSpan(), (long)(first + (ulong)start) * size, where);
                    good += written.IsSuccess ? 1 : 0;
                    break;
                case 2 or 3:
                    var read = await disk.ReadAsync(first + (ulong)start, buffer.Memory);
                    if (!read.IsSuccess)
                    {
                        Assert.True(read.Error.Kind is BlockErrorKind.Timeout or BlockErrorKind.DeviceError, $"{where}: {read.Error}");
                        break;
                    }

                    for (var i = 0; i < count; i++)
                        Assert.True(known[start + i] is null || buffer.GetSpan().Slice(i * size, size).SequenceEqual(known[start + i]), where);
                    good++;
                    break;
                default:
                    good += (await disk.FlushAsync()).IsSuccess ? 1 : 0;
                    break;
            }
        }

        return good;
    }

    private static void CheckMedium(IdeDiskModel model, ReadOnlySpan<byte> expected, long offset, string where)
    {
        var medium = new byte[expected.Length];
        model.Image.Read(offset, medium);
        Assert.True(expected.SequenceEqual(medium), where);
    }

    private static async Task<int> UseDisc(IdeMachine machine, IBlockDevice drive, BlockImage disc, Random random)
    {
        var good = 0;
        for (var round = 0; round < 60; round++)
        {
            var block = random.Next(500);
            var count = random.Next(1, 100);
            using var buffer = machine.Memory.AllocateCaller(count * 2048, random.Next(4) == 0 ? 1 : 0);
            var result = await drive.ReadAsync((ulong)block, buffer.Memory);
            if (!result.IsSuccess)
                continue;
            var expected = new byte[count * 2048];
            disc.Read(block * 2048L, expected);
            Assert.True(buffer.GetSpan().SequenceEqual(expected));
            good++;
        }

        return good;
    }

    [Fact]
    public void The_same_seed_gives_the_same_run()
    {
        Assert.Equal(Run(77), Run(77));
        Assert.NotEqual(Run(77), Run(78));

        static (TimeSpan, long) Run(int seed)
        {
            var (machine, disk, model) = IdeMachine.WithDisk(seed: seed);
            using (machine)
            {
                var random = new Random(seed);
                model.Faults.Plan = (drive, command) => Spoil(drive, command, random);
                for (var i = 0; i < 100; i++)
                    machine.Run(disk.ReadAsync((ulong)machine.Random.Next(1000), new byte[512 * 8]));
                return (machine.Clock.Elapsed, machine.Controller.Accesses);
            }
        }
    }

    [Fact]
    public void Two_drives_of_a_channel_take_turns_even_when_one_has_long_requests()
    {
        IdeDiskModel? first = null;
        IdeDiskModel? second = null;
        using var machine = new IdeMachine(9, null, ide =>
        {
            first = ide.Channels[0].Attach(0, IdeDiskModel.With(new IdeDiskOptions()));
            second = ide.Channels[0].Attach(1, IdeDiskModel.With(new IdeDiskOptions()));
        });
        machine.Start();
        var order = new List<int>();
        first!.Faults.Plan = (_, _) => order.Add(0);
        second!.Faults.Plan = (_, _) => order.Add(1);
        using var buffer = machine.Buffer(20 * 1024 * 1024);
        var tasks = new List<Task> { machine.Device("ata0.0").ReadAsync(0, buffer.Memory).AsTask() };
        for (var i = 0; i < 12; i++)
            tasks.Add(machine.Device("ata0.1").ReadAsync((ulong)i, new byte[512]).AsTask());
        machine.Run(Task.WhenAll(tasks));
        Assert.Equal([0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1], order.Take(12));
        machine.AssertClean();
    }

    [Fact]
    public async Task On_real_threads_and_a_real_clock_nothing_gets_lost()
    {
        using var ide = new RealMachine(seed: 31);
        var disks = await ide.StartAsync();
        var users = new List<Task>();
        for (var user = 0; user < 8; user++)
        {
            var number = user;
            users.Add(Task.Run(async () =>
            {
                var random = new Random(number);
                var disk = disks[number % disks.Count];
                var source = new byte[8 * 512];
                var destination = new byte[8 * 512];
                for (var round = 0; round < 60; round++)
                {
                    random.NextBytes(source);
                    var block = (ulong)((number * 100) + random.Next(90));
                    Assert.True((await disk.WriteAsync(block, source)).IsSuccess);
                    Assert.True((await disk.ReadAsync(block, destination)).IsSuccess);
                    Assert.Equal(source, destination);
                    if (round % 20 == 0)
                        Assert.True((await disk.FlushAsync()).IsSuccess);
                }
            }));
        }

        await Task.WhenAll(users);
        await ide.StopAsync();
        Assert.Empty(ide.Violations);
    }
}
