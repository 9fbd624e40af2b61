using GuestOS.Kernel.Block;
using GuestOS.Kernel.Events;
using GuestOS.Kernel.Handoff;
using GuestOS.Kernel.Tests.Fakes;
using GuestOS.Machine.Block;
using GuestOS.Testing;

namespace GuestOS.Kernel.Tests.Block.Paths;

public sealed class HandoffTests
{
    [Fact]
    public void A_disk_changes_over_to_the_better_device_and_keeps_its_name()
    {
        var machine = new PathMachine();
        Task<BlockResult>[] early = [.. Enumerable.Range(0, 3).Select(_ => machine.Disk.FlushAsync().AsTask())];
        FakePath synthetic = machine.AddSynthetic();
        Task<BlockResult> waiting = machine.Disk.ReadAsync(0, new byte[512]).AsTask();
        Assert.Equal(0, synthetic.Requests);
        machine.Run(Task.WhenAll([.. early, waiting]));

        Assert.True(waiting.Result.IsSuccess);
        Assert.Equal(1, synthetic.Requests);
        Assert.True(machine.Emulated.IsResting);
        Assert.Same(synthetic, machine.Entry.Source);
        Assert.Equal("ata0.1", machine.Disk.Name);
        Assert.Single(machine.Registry.Entries);
        HandoffReport report = Assert.Single(machine.Reports);
        Assert.Equal(("ata0.1", "ide0.1-0", 3L, null), (report.From.Name, report.To.Name, report.InFlight, report.Error));
        Assert.True(report.Held > TimeSpan.Zero);
    }

    [Fact]
    public void What_a_lost_device_had_in_hand_is_carried_out_by_the_other_one()
    {
        var machine = new PathMachine();
        FakePath synthetic = machine.AddSynthetic();
        machine.RunUntil(() => machine.Reports.Count == 1);
        var data = new byte[512];
        ulong stamp = machine.History.BeginWrite(3, data);
        Task<BlockResult> write = machine.Disk.WriteAsync(3, data).AsTask();
        Assert.Equal(1, synthetic.InFlight);
        synthetic.Lose();
        machine.Run(write);
        machine.History.EndWrite(stamp, write.Result.IsSuccess);
        Assert.True(write.Result.IsSuccess);
        Assert.False(machine.Emulated.IsResting);
        Assert.Same(machine.Emulated, machine.Entry.Source);
        Assert.Equal(("ide0.1-0", "ata0.1"), (machine.Reports[1].From.Name, machine.Reports[1].To.Name));

        // Its end is no news any more, and a new device may come.
        machine.Registry.Remove(synthetic);
        Assert.Equal(2, machine.Reports.Count);
        machine.AddSynthetic(1);
        machine.RunUntil(() => machine.Reports.Count == 3);
        machine.Medium.Check();
        Assert.Empty(machine.History.Violations);
    }

    [Fact]
    public void Both_devices_stay_one_disk_until_the_last_of_them_is_withdrawn()
    {
        var machine = new PathMachine();
        FakePath synthetic = machine.AddSynthetic();
        machine.RunUntil(() => machine.Reports.Count == 1);
        machine.Emulated.Lose();
        machine.Registry.Remove(machine.Emulated);
        Assert.True(machine.Run(machine.Disk.FlushAsync()).IsSuccess);
        synthetic.Lose();
        machine.Registry.Remove(synthetic);
        Assert.Empty(machine.Registry.Entries);
        Assert.Equal(BlockErrorKind.Gone, machine.Run(machine.Disk.FlushAsync()).Error!.Kind);
    }

    [Theory]
    [InlineData(512, 13, false, "13 blocks of 512 bytes; ata0.1 has 12 of 512")]
    [InlineData(4096, 12, false, "12 blocks of 4096 bytes; ata0.1 has 12 of 512")]
    [InlineData(512, 12, true, "12 blocks of 512 bytes, read-only; ata0.1 has 12 of 512")]
    public void A_device_of_another_size_is_not_the_same_medium(int blockSize, ulong blocks, bool isReadOnly, string text)
    {
        var machine = new PathMachine();
        FakePath foreign = machine.MakeSynthetic();
        foreign.Geometry = foreign.Geometry with { BlockSize = blockSize, BlockCount = blocks, IsReadOnly = isReadOnly };
        machine.Registry.Add(foreign, "storvsc 7");
        Assert.True(machine.Run(machine.Disk.FlushAsync()).IsSuccess);
        Assert.Equal(0, foreign.Requests);
        Assert.Contains(text, Assert.Single(machine.Reports).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_disk_that_cannot_flush_stays_where_it_is_and_tries_again_later()
    {
        var machine = new PathMachine();
        machine.Emulated.FailingQuiesces = 2;
        FakePath synthetic = machine.AddSynthetic();
        Assert.True(machine.Run(machine.Disk.FlushAsync()).IsSuccess);
        Assert.Same(machine.Emulated, machine.Entry.Source);
        Assert.Contains("DeviceError", Assert.Single(machine.Reports).Error, StringComparison.Ordinal);

        machine.Clock.Advance(TimeSpan.FromSeconds(2.5));
        Assert.Equal(2, machine.Reports.Count);
        machine.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Null(machine.Reports[^1].Error);
        Assert.Same(synthetic, machine.Entry.Source);
    }

    [Fact]
    public void A_device_that_does_not_wake_up_is_lost()
    {
        var machine = new PathMachine();
        FakePath synthetic = machine.AddSynthetic();
        machine.RunUntil(() => machine.Reports.Count == 1);
        machine.Emulated.FailsToResume = true;
        synthetic.Lose();
        Assert.Equal(BlockErrorKind.Gone, machine.Run(machine.Disk.FlushAsync()).Error!.Kind);
        Assert.Contains("does not wake up", machine.Reports[1].Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_request_that_waits_can_be_cancelled()
    {
        var machine = new PathMachine();
        using var cancel = new CancellationTokenSource();
        Task<BlockResult> inFlight = machine.Disk.FlushAsync().AsTask();
        machine.AddSynthetic();
        Task<BlockResult> cancelled = machine.Disk.ReadAsync(0, new byte[512], cancel.Token).AsTask();
        Task<BlockResult> other = machine.Disk.ReadAsync(0, new byte[512]).AsTask();
        cancel.Cancel();
        Assert.True(cancelled.IsCanceled);
        Assert.True(machine.Disk.ReadAsync(0, new byte[512], cancel.Token).AsTask().IsCanceled);
        machine.Run(Task.WhenAll(inFlight, other));
        Assert.True(other.Result.IsSuccess);
    }

    [Fact]
    public void Those_that_wait_go_on_in_their_order_and_before_those_that_come_then()
    {
        var machine = new PathMachine();
        _ = machine.Disk.FlushAsync().AsTask();
        FakePath synthetic = machine.MakeSynthetic();
        synthetic.IsFast = true;
        machine.Registry.Add(synthetic, "storvsc 7");
        var order = new List<int>();
        Task[] tasks = [.. Enumerable.Range(0, 5).Select(i => NoteAsync(i))];
        machine.Run(Task.WhenAll(tasks));
        Assert.Equal([0, 1, 2, 3, 4, 10, 11, 12, 13, 14], order);

        async Task NoteAsync(int number)
        {
            await machine.Disk.FlushAsync().ConfigureAwait(false);
            order.Add(number);
            await machine.Disk.FlushAsync().ConfigureAwait(false);
            order.Add(number + 10);
        }
    }

    [Fact]
    public void A_discard_that_comes_back_to_a_device_without_discard_is_left_out()
    {
        var machine = new PathMachine();
        Assert.Equal(BlockErrorKind.NotSupported, machine.Run(machine.Disk.DiscardAsync(0, 1)).Error!.Kind);
        FakePath synthetic = machine.AddSynthetic();
        machine.RunUntil(() => machine.Reports.Count == 1);
        Task<BlockResult> discard = machine.Disk.DiscardAsync(0, 1).AsTask();
        synthetic.Lose();
        machine.Run(discard);
        Assert.True(discard.Result.IsSuccess);
    }

    [Fact]
    public void Devices_without_an_identity_and_of_other_media_stand_alone()
    {
        var machine = new PathMachine();
        var other = new FakePath("ata1.0", PathRank.Emulated, machine.Medium, machine.Clock, machine.Random) { Medium = MediumIdentity.Ide(1, 0) };
        var nameless = new FakePath("scsi0.0.0", PathRank.Synthetic, machine.Medium, machine.Clock, machine.Random) { Medium = null };
        machine.Registry.Add(other, "ata");
        machine.Registry.Add(nameless, "storvsc");
        Assert.Equal(["ata0.1", "ata1.0", "scsi0.0.0"], machine.Registry.Entries.Select(entry => entry.Name));
        Assert.Null(machine.Registry.Entries[2].Paths);
        machine.Registry.Remove(nameless);
        Assert.Equal(2, machine.Registry.Entries.Count);
    }

    [Fact]
    public void A_request_through_a_disk_with_several_ways_allocates_nothing()
    {
        var machine = new PathMachine();
        machine.Emulated.IsFast = true;
        var slow = new PooledPath(machine);
        machine.Registry.Remove(machine.Emulated);
        BlockEntry entry = machine.Registry.Add(slow, "storvsc 7");
        var buffer = new byte[512];
        for (int i = 0; i < 100; i++)
            Issue();
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 1000; i++)
                Issue();
        }));

        void Issue()
        {
            ValueTask<BlockResult> task = entry.Device.ReadAsync(0, buffer);
            Assert.False(task.IsCompleted);
            slow.Finish();
            Assert.True(task.GetAwaiter().GetResult().IsSuccess);
        }
    }

    [Fact]
    public void Events_tell_the_change_who_yields_and_who_is_back()
    {
        var events = new RecordingEvents();
        var log = new RecordingLog();
        var machine = new PathMachine();
        machine.Registry.HandedOff += new HandoffEvents(events, log).Write;
        FakePath synthetic = machine.AddSynthetic();
        machine.RunUntil(() => machine.Reports.Count == 1);
        synthetic.Lose();
        machine.Registry.Remove(synthetic);
        machine.RunUntil(() => machine.Reports.Count == 2);

        var handoffs = events.Of("handoff");
        Assert.Equal(["ata0.1", "ide0.1-0"], handoffs.Select(entry => RecordingEvents.Text(entry, "from")));
        Assert.Equal(["ide0.1-0", "ata0.1"], handoffs.Select(entry => RecordingEvents.Text(entry, "to")));
        Assert.All(handoffs, entry => Assert.Equal("ok", RecordingEvents.Text(entry, "result")));
        Assert.All(handoffs, entry => Assert.True(entry.GetProperty("ns").GetInt64() >= 0 && entry.GetProperty("inFlight").GetInt64() == 0));
        var devices = events.Of("device");
        Assert.Equal(["yielded", "started"], devices.Select(entry => RecordingEvents.Text(entry, "state")));
        Assert.All(devices, entry => Assert.Equal(
            ("ata", "0.1", "ide0.1", "ata", "ata0.1"),
            (RecordingEvents.Text(entry, "bus"), RecordingEvents.Text(entry, "address"), RecordingEvents.Text(entry, "id"), RecordingEvents.Text(entry, "driver"), RecordingEvents.Text(entry, "serves"))));

        machine.Emulated.FailingQuiesces = 1;
        machine.AddSynthetic(1);
        machine.RunUntil(() => machine.Reports.Count == 3);
        Assert.Equal("error", RecordingEvents.Text(events.Of("handoff")[2], "result"));
        Assert.Equal(2, events.Of("device").Count);
    }
}
