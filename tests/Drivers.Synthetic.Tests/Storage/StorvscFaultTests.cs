using System.Runtime.InteropServices;
using GuestOS.Drivers.Synthetic.Storage.Protocol;
using GuestOS.Machine.Block;
using GuestOS.Sandbox.Ide;
using GuestOS.Sandbox.Storage;
using GuestOS.Sandbox.Storage.Scsi;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Storage;

/// <summary>Hosts that hang, lie or go away. Every request has an end, and no memory is touched that is not the host's.</summary>
public sealed class StorvscFaultTests
{
    private static byte[] SetStatus(byte[] answer)
    {
        answer[8] = 1;
        return answer;
    }

    [Fact]
    public void A_command_that_is_never_answered_costs_two_resets_and_then_the_channel()
    {
        using var fixture = StorageFixture.Ide();
        fixture.Provider.Faults.Swallowed = 1;
        using var buffer = fixture.Machine.Buffer(4096);
        var lost = fixture.Disk.ReadAsync(0, buffer.Memory).AsTask();
        var start = fixture.Machine.Clock.Elapsed;

        // Others go on meanwhile.
        fixture.Machine.Clock.Advance(TimeSpan.FromSeconds(59));
        Assert.True(fixture.Machine.Run(fixture.Disk.ReadAsync(8, new byte[512])).IsSuccess);
        Assert.Empty(fixture.Provider.Resets);
        Assert.Equal(1, buffer.PinCount);
        fixture.Machine.Run(lost);
        Assert.Equal(BlockErrorKind.Gone, lost.Result.Error!.Kind);
        Assert.Equal([StorageOperation.ResetLun, StorageOperation.ResetBus], fixture.Provider.Resets);
        Assert.InRange(fixture.Machine.Clock.Elapsed - start, TimeSpan.FromSeconds(95), TimeSpan.FromSeconds(110));
        Assert.Equal(0, buffer.PinCount);
        fixture.Machine.Settle();
        Assert.Empty(fixture.Machine.Disks);
        Assert.Contains(fixture.Machine.Log.Lines, line => line.ToString().Contains("given up", StringComparison.Ordinal));
        fixture.Machine.AssertClean();
    }

    [Fact]
    public void A_reset_that_the_host_refuses_is_told_and_the_next_means_is_tried()
    {
        using var fixture = StorageFixture.Ide();
        fixture.Provider.Faults.Swallowed = 1;
        fixture.Provider.Faults.EditAnswer = (operation, answer) => operation == StorageOperation.ResetLun ? SetStatus(answer) : answer;
        var lost = fixture.Disk.ReadAsync(0, new byte[512]).AsTask();
        fixture.Machine.Run(lost);
        Assert.Equal(BlockErrorKind.Gone, lost.Result.Error!.Kind);
        Assert.Equal([StorageOperation.ResetLun, StorageOperation.ResetBus], fixture.Provider.Resets);
        Assert.Contains(fixture.Machine.Log.Lines, line => line.ToString().Contains("ResetLun: the host refuses", StringComparison.Ordinal));
    }

    [Fact]
    public void Resets_that_are_never_answered_end_with_the_channel()
    {
        using var fixture = StorageFixture.Ide();
        fixture.Provider.Faults.Swallowed = 1;
        fixture.Provider.Faults.SilentResets = 2;
        var lost = fixture.Disk.ReadAsync(0, new byte[512]).AsTask();
        fixture.Machine.Run(lost);
        fixture.Machine.Settle();
        Assert.Equal(BlockErrorKind.Gone, lost.Result.Error!.Kind);
        Assert.Empty(fixture.Machine.Disks);
        Assert.Contains(fixture.Machine.Log.Lines, line => line.ToString().Contains("given up", StringComparison.Ordinal));
        fixture.Machine.AssertClean();
    }

    [Fact]
    public void A_late_answer_is_an_answer()
    {
        var latency = TimeSpan.Zero;
        using var fixture = StorageFixture.Ide(new StorageProviderOptions { AnswerLatency = () => latency });
        latency = TimeSpan.FromSeconds(75);
        var data = new byte[512];
        Assert.True(fixture.Machine.Run(fixture.Disk.ReadAsync(3, data)).IsSuccess);
        Assert.Equal(fixture.Content(3, 512), data);
        Assert.Equal([StorageOperation.ResetLun], fixture.Provider.Resets);
        latency = TimeSpan.Zero;
        Assert.True(fixture.Machine.Run(fixture.Disk.ReadAsync(3, data)).IsSuccess);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_set_up_that_is_not_answered_fails_the_device_in_time(int answered)
    {
        using var fixture = StorageFixture.Ide(connect: false, prepare: provider =>
        {
            var left = answered;
            provider.Faults.EditAnswer = (_, answer) => left-- > 0 ? answer : null;
        });
        fixture.Machine.Connect();
        Assert.Single(fixture.Machine.Failures);
        Assert.True(fixture.Machine.Clock.Elapsed < TimeSpan.FromSeconds(30));
        Assert.Empty(fixture.Machine.Disks);
        Assert.Empty(fixture.Machine.Memory.Violations);
    }

    [Theory]
    [InlineData(StorageOperation.BeginInitialization)]
    [InlineData(StorageOperation.QueryProperties)]
    [InlineData(StorageOperation.EndInitialization)]
    public void A_set_up_step_that_is_refused_or_answered_badly_fails_the_device(StorageOperation step)
    {
        foreach (var edit in (Func<byte[], byte[]>[])[SetStatus, SetOperation, answer => answer[..8], answer => []])
        {
            using var fixture = StorageFixture.Ide(connect: false, prepare: provider =>
                provider.Faults.EditAnswer = (operation, answer) => operation == step ? edit(answer) : answer);
            fixture.Machine.Connect();
            Assert.Single(fixture.Machine.Failures);
            Assert.Empty(fixture.Machine.Disks);
        }

        static byte[] SetOperation(byte[] answer)
        {
            answer[0] = 3;
            return answer;
        }
    }

    [Theory]
    [InlineData(0u, 4096)]
    [InlineData(5000u, 4096)]
    [InlineData(0xFFFF_FFFFu, 512 << 10)]
    public void Limits_of_the_host_are_clamped(uint maxTransfer, int expected)
    {
        using var fixture = StorageFixture.Scsi(new StorageProviderOptions { MaxTransferBytes = maxTransfer, MaxSubchannels = 0xFFFF }, processors: 2);
        fixture.Machine.Settle();
        Assert.Equal(expected, fixture.Machine.Controller.Limits!.MostBytes);
        Assert.Equal(2, fixture.Machine.Controller.Adapter.QueueCount);
        var data = fixture.Machine.Bytes(20_480);
        Assert.True(fixture.Machine.Run(fixture.Disk.WriteAsync(0, data)).IsSuccess);
        Assert.Equal(data, fixture.Content(0, data.Length));
    }

    [Fact]
    public void Answers_that_come_twice_or_for_nobody_change_nothing()
    {
        using var fixture = StorageFixture.Ide();
        fixture.Provider.Faults.Doubled = 50;
        fixture.Provider.Faults.Strays = 50;
        for (var i = 0; i < 50; i++)
        {
            var data = new byte[512];
            Assert.True(fixture.Machine.Run(fixture.Disk.ReadAsync((ulong)i, data)).IsSuccess);
            Assert.Equal(fixture.Content((ulong)i, 512), data);
        }

        Assert.Empty(fixture.Machine.Memory.Violations);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(63)]
    public void Answers_that_are_too_short_are_tries_that_failed(int length)
    {
        using var fixture = StorageFixture.Ide();
        var left = 2;
        fixture.Provider.Faults.EditAnswer = (_, answer) => left-- > 0 ? answer[..length] : answer;
        var data = new byte[512];
        Assert.True(fixture.Machine.Run(fixture.Disk.ReadAsync(9, data)).IsSuccess);
        Assert.Equal(fixture.Content(9, 512), data);

        // 63 bytes are padded to 64 in the ring, and a whole answer then.
        Assert.Equal(length == 63 ? 0 : 2, fixture.Machine.Controller.Adapter.Counters.Malformed);
    }

    [Fact]
    public void Lengths_beyond_what_was_asked_for_are_not_believed()
    {
        using var fixture = StorageFixture.Ide();
        fixture.Provider.Faults.EditAnswer = (_, answer) =>
        {
            MemoryMarshal.Write(answer.AsSpan(24), uint.MaxValue);
            answer[21] = 0xFF;
            return answer;
        };
        Assert.Equal(BlockErrorKind.DeviceError, fixture.Machine.Run(fixture.Disk.ReadAsync(0, new byte[512])).Error!.Kind);
        Assert.Equal(6, fixture.Machine.Controller.Adapter.Counters.Malformed);
    }

    [Fact]
    public void Messages_of_the_host_that_mean_nothing_are_counted_and_many_wishes_are_one_look()
    {
        using var fixture = StorageFixture.Scsi();
        var scans = fixture.Machine.Controller.Adapter.Counters.Scans;
        foreach (var operation in (StorageOperation[])[StorageOperation.CompleteIo, StorageOperation.FibreChannelData, StorageOperation.EventNotification, 0, (StorageOperation)uint.MaxValue])
            fixture.Provider.SendEvent(operation);
        fixture.Machine.Settle();
        Assert.Equal((5, scans), (fixture.Machine.Controller.Adapter.Counters.StrayMessages, fixture.Machine.Controller.Adapter.Counters.Scans));
        for (var i = 0; i < 200; i++)
            fixture.Provider.SendEvent(i % 2 == 0 ? StorageOperation.EnumerateBus : StorageOperation.RemoveDevice);
        fixture.Machine.Settle();
        Assert.InRange(fixture.Machine.Controller.Adapter.Counters.Scans - scans, 1, 120);
        Assert.Single(fixture.Machine.Disks);
        Assert.True(fixture.Machine.Log.Lines.Count < 60);
    }

    [Fact]
    public void Inquiries_that_are_short_wrong_or_failed_are_survived()
    {
        var random = new Random(7);
        for (var round = 0; round < 60; round++)
        {
            using var fixture = StorageFixture.Scsi(seed: round, connect: false, prepare: provider => provider.Faults.Before = (address, command) =>
            {
                if (command.Opcode is ScsiOpcode.Read10 or ScsiOpcode.Write10 || random.Next(3) != 0)
                    return false;
                switch (random.Next(4))
                {
                    case 0:
                        command.Reject(SenseData.InvalidField);
                        break;
                    case 1:
                        command.End(SrbStatus.InternalError, null);
                        break;
                    default:
                        var junk = new byte[random.Next(60)];
                        random.NextBytes(junk);
                        command.Return(junk, 4096);
                        break;
                }

                return true;
            });
            fixture.Machine.Connect();
            foreach (var device in fixture.Machine.Disks.ToArray())
                fixture.Machine.Run(device.ReadAsync(0, new byte[device.Geometry.BlockSize]));
            Assert.Empty(fixture.Machine.Memory.Violations);
            fixture.Machine.DetachAll();
            Assert.Empty(fixture.Machine.Disks);
        }
    }

    [Fact]
    public void Requests_can_be_cancelled_wherever_they_wait()
    {
        using var fixture = StorageFixture.Ide();
        var disk = fixture.Disk;

        // In a pause between two tries.
        fixture.Provider.Faults.Before = (_, command) =>
        {
            command.End(SrbStatus.Busy, null, ScsiStatus.Good);
            return true;
        };
        using var cancel = new CancellationTokenSource();
        var pausing = disk.ReadAsync(0, new byte[512], cancel.Token).AsTask();
        fixture.Machine.Clock.Advance(TimeSpan.FromMilliseconds(5));
        cancel.Cancel();
        Assert.True(pausing.IsCanceled);
        fixture.Provider.Faults.Before = null;

        // Held back.
        Assert.True(fixture.Machine.Run(disk.QuiesceAsync()).IsSuccess);
        using var second = new CancellationTokenSource();
        var held = disk.ReadAsync(0, new byte[512], second.Token).AsTask();
        var other = disk.ReadAsync(0, new byte[512]).AsTask();
        fixture.Machine.Settle();
        Assert.False(held.IsCompleted || other.IsCompleted);
        second.Cancel();
        Assert.True(held.IsCanceled);
        fixture.Machine.Run(disk.ResumeAsync());
        Assert.True(fixture.Machine.Run(new ValueTask<BlockResult>(other)).IsSuccess);

        // What the host has is waited for, as it may still write to the memory.
        fixture.Provider.Faults.Unanswered = 0;
        using var third = new CancellationTokenSource();
        var sent = disk.ReadAsync(0, new byte[512], third.Token).AsTask();
        third.Cancel();
        Assert.False(sent.IsCompleted);
        Assert.True(fixture.Machine.Run(new ValueTask<BlockResult>(sent)).IsSuccess);
    }

    [Fact]
    public void The_last_writes_are_flushed_at_the_end()
    {
        using var fixture = StorageFixture.Scsi();
        Assert.True(fixture.Machine.Run(fixture.Disk.WriteAsync(0, new byte[512])).IsSuccess);
        Assert.Equal(1, fixture.Unit.UnflushedWrites);
        fixture.Machine.DetachAll();
        Assert.Equal(0, fixture.Unit.UnflushedWrites);
        fixture.Machine.AssertClean();
    }

    [Fact]
    public void A_last_flush_that_is_not_answered_does_not_keep_the_driver()
    {
        using var fixture = StorageFixture.Scsi();
        fixture.Provider.Faults.Swallowed = 1;
        var start = fixture.Machine.Clock.Elapsed;
        fixture.Machine.DetachAll();
        Assert.InRange(fixture.Machine.Clock.Elapsed - start, TimeSpan.FromSeconds(19), TimeSpan.FromSeconds(25));
        Assert.Contains(fixture.Machine.Log.Lines, line => line.Text.Contains("the last flush did not end in time", StringComparison.Ordinal));
        fixture.Machine.AssertClean();
    }

    [Fact]
    public void An_accelerator_whose_instance_names_no_disk_is_left_alone()
    {
        using var machine = new StorageMachine();
        var unit = new ScsiDisk(new BlockImage(1 << 20)) { Identity = new ScsiIdentity() };
        var provider = StorageProvider.Ide(5, 0, unit);
        machine.Host.Offer(provider);
        machine.Connect();
        Assert.Contains("names no disk", Assert.Single(machine.Failures), StringComparison.Ordinal);
    }
}
