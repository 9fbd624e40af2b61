using System.Security.Cryptography;
using System.Text.Json;
using GuestOS.Kernel.Core;
using GuestOS.Kernel.SelfTests;
using GuestOS.Kernel.Tests.Fakes;
using GuestOS.Kernel.Tests.Memory;
using GuestOS.Machine.Block;
using GuestOS.Machine.Memory;

namespace GuestOS.Kernel.Tests.SelfTests;

public sealed class SelfTestTests
{
    private readonly MemoryBlockDevice _cd = new(BootableImages.Make(), 2048, "cd0");
    private readonly MemoryBlockDevice _disk = new(new byte[1 << 20], 512, "ata0.1");

    [Fact]
    public async Task A_disk_and_a_file_are_hashed_in_the_mode_that_is_asked_for()
    {
        using var machine = new FakeMachine();
        await RunAsync(machine, "hash:boot:pio,hash:boot:/README.md,hash:ata0.1:dma");
        IReadOnlyList<JsonElement> events = machine.Events.Of("hash");
        Assert.Equal(["cd0", "cd0", "ata0.1"], events.Select(entry => RecordingEvents.Text(entry, "disk")));
        Assert.Equal(["pio", "dma", "dma"], events.Select(entry => RecordingEvents.Text(entry, "mode")));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(BootableImages.Make())), RecordingEvents.Text(events[0], "sha256"));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData("Read me.\n"u8)), RecordingEvents.Text(events[1], "sha256"));
        Assert.Equal("/README.md", RecordingEvents.Text(events[1], "path"));
        Assert.Equal([TransferMode.Pio, TransferMode.Dma], _cd.ModeChanges);
        AssertEnd(machine, 3, 0);
    }

    [Fact]
    public async Task An_unreadable_block_fails_the_hash_with_its_place()
    {
        using var machine = new FakeMachine();
        _disk.BadBlocks.Add(700);
        await RunAsync(machine, "hash:ata0.1");
        JsonElement hash = Assert.Single(machine.Events.Of("hash"));
        Assert.Equal("700", RecordingEvents.Text(hash, "lba"));
        Assert.Equal("error", RecordingEvents.Text(hash, "result"));
        Assert.Contains("ata0.1", RecordingEvents.Text(hash, "error"), StringComparison.Ordinal);
        Assert.Null(RecordingEvents.Text(hash, "sha256"));
        AssertEnd(machine, 0, 1);
    }

    [Fact]
    public async Task A_pattern_is_written_flushed_and_compared()
    {
        using var machine = new FakeMachine();
        await RunAsync(machine, "pattern:ata0.1:42");
        JsonElement pattern = Assert.Single(machine.Events.Of("pattern"));
        Assert.Equal("ok", RecordingEvents.Text(pattern, "result"));
        Assert.Equal(1 << 20, pattern.GetProperty("length").GetInt32());
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(_disk.Content)), RecordingEvents.Text(pattern, "sha256"));
        Assert.Equal(1, _disk.Flushes);

        // The first words of SplitMix64 with seed 42, from the algorithm's reference implementation.
        Assert.Equal(0xBDD7_3226_2FEB_6E95, BitConverter.ToUInt64(_disk.Content, 0));
        Assert.Equal(0x28EF_E333_B266_F103ul, BitConverter.ToUInt64(_disk.Content, 8));
    }

    [Fact]
    public void A_difference_is_found_to_the_byte()
    {
        var bytes = new byte[64];
        SplitMix64.Fill(bytes, 7, 100);
        Assert.Equal(-1, SplitMix64.FindDifference(bytes, 7, 100));
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] ^= 1;
            Assert.Equal(i, SplitMix64.FindDifference(bytes, 7, 100));
            bytes[i] ^= 1;
        }
    }

    [Fact]
    public async Task A_disc_is_read_ejected_changed_and_read_again()
    {
        using var machine = new FakeMachine();
        byte[] second = BootableImages.Make(80);
        _cd.NextMedia.Enqueue(second);
        await RunAsync(machine, "atapi:cd0");
        IReadOnlyList<JsonElement> events = machine.Events.Of("atapi");
        Assert.Equal(["read", "ejected", "changed"], events.Select(entry => RecordingEvents.Text(entry, "step")));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(second)), RecordingEvents.Text(events[2], "sha256"));
        Assert.All(events, entry => Assert.Equal("ok", RecordingEvents.Text(entry, "result")));
        AssertEnd(machine, 1, 0);
    }

    [Fact]
    public async Task A_short_soak_ends_well()
    {
        using var machine = new FakeMachine();
        await RunAsync(machine, "soak:2", withBootMedium: false);
        JsonElement soak = Assert.Single(machine.Events.Of("soak"));
        Assert.Null(RecordingEvents.Text(soak, "error"));
        Assert.Equal("ok", RecordingEvents.Text(soak, "result"));
        Assert.Equal(0, soak.GetProperty("wrong").GetInt32());
        Assert.True(soak.GetProperty("rounds").GetInt64() > 10);
    }

    [Fact]
    public async Task A_balloon_that_moves_under_load_and_comes_back_passes()
    {
        using var machine = new FakeMachine();
        var balloon = new FakeBalloon();
        KernelSystem system = await KernelSystemTests.StartAsync(machine, "", [_disk]);
        system.Balloons.Add(balloon);
        Task test = new SelfTestRunner(system).RunAsync("balloon:1");
        for (int i = 0; i < 5; i++)
        {
            var ranges = new PageRange[1];
            Assert.Equal(1, machine.DynamicMemory.Take(1000, 0, ranges));
            balloon.Report(new BalloonChange(BalloonOperation.Inflate, 1000, 1000, default, null));
            machine.DynamicMemory.Give(ranges[0]);
            balloon.Report(new BalloonChange(BalloonOperation.Deflate, 1000, 1000, default, null));
        }

        await test;
        JsonElement report = Assert.Single(machine.Events.Of("balloontest"));
        Assert.Equal("ok", RecordingEvents.Text(report, "result"));
        Assert.Equal((0, 10, 1000), (report.GetProperty("wrong").GetInt32(), report.GetProperty("changes").GetInt32(), report.GetProperty("mostBallooned").GetInt32()));
        Assert.True(report.GetProperty("rounds").GetInt64() > 0);
        AssertEnd(machine, 1, 0);
    }

    [Fact]
    public async Task A_balloon_whose_requests_are_wrong_fails()
    {
        using var machine = new FakeMachine();
        var balloon = new FakeBalloon();
        KernelSystem system = await KernelSystemTests.StartAsync(machine, "", [_disk]);
        system.Balloons.Add(balloon);
        Task test = new SelfTestRunner(system).RunAsync("balloon:1");
        balloon.Report(new BalloonChange(BalloonOperation.Deflate, 2, 1, default, "The host did not have all."));
        await test;
        JsonElement report = Assert.Single(machine.Events.Of("balloontest"));
        Assert.Equal("The host did not have all.", RecordingEvents.Text(report, "error"));
        AssertEnd(machine, 0, 1);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("hash")]
    [InlineData("hash:pio")]
    [InlineData("hash:nodisk")]
    [InlineData("hash:cd0:README")]
    [InlineData("pattern:ata0.1")]
    [InlineData("pattern:ata0.1:x")]
    [InlineData("pattern:boot:1")]
    [InlineData("soak:0")]
    [InlineData("soak:x")]
    [InlineData("balloon:0")]
    [InlineData("balloon:5")]
    [InlineData("touch:1")]
    [InlineData("panic")]
    [InlineData("panic:mild")]
    public async Task Wrong_arguments_are_refused_and_count_as_failed(string test)
    {
        using var machine = new FakeMachine();
        await RunAsync(machine, test);
        Assert.Equal($"guestos.test={test}", RecordingEvents.Text(Assert.Single(machine.Events.Of("option")), "name"));
        AssertEnd(machine, 0, 1);
        Assert.Equal(BootableImages.Make(), _cd.Content);
    }

    [Theory]
    [InlineData("fault", FaultKind.Fault)]
    [InlineData("doublefault", FaultKind.DoubleFault)]
    public async Task Faults_are_provoked_in_the_kernel(string kind, FaultKind fault)
    {
        using var machine = new FakeMachine();
        await RunAsync(machine, $"panic:{kind}");
        Assert.Equal(fault, Assert.Single(machine.Power.Faults));
    }

    private static void AssertEnd(FakeMachine machine, int passed, int failed)
    {
        JsonElement exit = Assert.Single(machine.Events.Of("exit"));
        Assert.Equal((passed, failed), (exit.GetProperty("passed").GetInt32(), exit.GetProperty("failed").GetInt32()));
        byte status = failed == 0 ? (byte)0x10 : (byte)0x11;
        Assert.Equal((PowerKind.Configured, PowerReason.Tests, status), Assert.Single(machine.Power.Ends));
    }

    private async Task RunAsync(FakeMachine machine, string list, bool withBootMedium = true)
    {
        KernelSystem system = await KernelSystemTests.StartAsync(machine, "", withBootMedium ? [_cd, _disk] : [_disk]);
        await new SelfTestRunner(system).RunAsync(list);
    }
}
