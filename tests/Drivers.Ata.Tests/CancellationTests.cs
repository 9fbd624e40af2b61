using GuestOS.Machine.Block;
using GuestOS.Sandbox.Ide;
using Xunit;

namespace GuestOS.Drivers.Ata.Tests;

public sealed class CancellationTests
{
    [Fact]
    public void A_request_that_waits_is_taken_out_at_once()
    {
        var (machine, disk, model) = IdeMachine.WithDisk();
        using (machine)
        {
            model.Commands.Clear();
            using var cancel = new CancellationTokenSource();
            var first = disk.ReadAsync(0, new byte[512]).AsTask();
            var second = disk.ReadAsync(1, new byte[512], cancel.Token).AsTask();
            var third = disk.ReadAsync(2, new byte[512]).AsTask();
            cancel.Cancel();
            Assert.True(second.IsCanceled);
            machine.Run(Task.WhenAll(first, third));
            Assert.Equal(2, model.Commands.Count);
            Assert.True(disk.ReadAsync(1, new byte[512], cancel.Token).AsTask().IsCanceled);
            machine.AssertClean();
        }
    }

    /// <summary>
    /// A long transfer is cancelled after every possible number of events. Whenever it ends, the drive must be done with the caller's memory:
    /// the simulated memory notes every later access.
    /// </summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void At_every_step_a_cancelled_request_ends_only_when_its_memory_is_safe(bool pio, bool write)
    {
        var (machine, disk, model) = IdeMachine.WithDisk(seed: 21, options: ("pio", pio ? "1" : "0"));
        using (machine)
        {
            var cancelled = 0;
            var completed = false;
            for (var steps = 0; !completed; steps++)
            {
                Assert.True(steps < 1000);
                using var cancel = new CancellationTokenSource();
                var buffer = machine.Buffer((pio ? 1 : 6) * 512 * 1024, 2);
                var task = (write ? disk.WriteAsync(8, buffer.Memory, cancel.Token) : disk.ReadAsync(8, buffer.Memory, cancel.Token)).AsTask();
                for (var i = 0; i < steps * (pio ? 7 : 1) && !task.IsCompleted; i++)
                    Assert.True(machine.Clock.RunNext());
                completed = task.IsCompleted;
                cancel.Cancel();
                machine.RunUntil(() => task.IsCompleted);
                if (task.IsCanceled)
                    cancelled++;
                else
                    Assert.True(task.Result.IsSuccess);
                Assert.Equal(0, buffer.PinCount);
                ((IDisposable)buffer).Dispose();
                Assert.True(machine.Run(disk.ReadAsync(0, new byte[512])).IsSuccess);
            }

            Assert.True(cancelled > 2);
            Assert.Equal(0, machine.Channels[0].Counters.Timeouts);
            machine.AssertClean();
        }
    }

    [Fact]
    public void A_request_whose_drive_hangs_is_cancelled_by_the_reset()
    {
        var (machine, disk, model) = IdeMachine.WithDisk();
        using (machine)
        {
            model.Faults.DmaStalls = 1;
            using var cancel = new CancellationTokenSource();
            var buffer = machine.Buffer(4096);
            var task = disk.ReadAsync(0, buffer.Memory, cancel.Token).AsTask();
            machine.Clock.Advance(TimeSpan.FromSeconds(1));
            cancel.Cancel();
            Assert.False(task.IsCompleted);
            Assert.Equal(1, buffer.PinCount);
            machine.RunUntil(() => task.IsCompleted);
            Assert.True(task.IsCanceled);
            Assert.Equal(0, buffer.PinCount);
            ((IDisposable)buffer).Dispose();
            Assert.True(machine.Run(disk.ReadAsync(0, new byte[512])).IsSuccess);
            machine.AssertClean();
        }
    }

    [Fact]
    public void A_medium_question_that_waits_for_its_turn_is_cancelled_at_once()
    {
        var (machine, drive, model) = IdeMachine.WithDisc(new BlockImage(2048 * 10));
        using (machine)
        {
            model.SpinUp(1000);
            var first = drive.RefreshMediumAsync().AsTask();
            using var cancel = new CancellationTokenSource();
            var second = drive.RefreshMediumAsync(cancel.Token).AsTask();
            cancel.Cancel();
            machine.RunUntil(() => second.IsCompleted);
            Assert.True(second.IsCanceled);
            Assert.False(first.IsCompleted);

            // A disc that never gets ready ends in an error.
            Assert.Contains("sense 2/04/01", machine.Run(new ValueTask<BlockResult>(first)).Error!.Detail, StringComparison.Ordinal);
        }
    }
}
