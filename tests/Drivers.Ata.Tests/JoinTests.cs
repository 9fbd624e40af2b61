using GuestOS.Machine.Block;
using GuestOS.Sandbox.Ide;
using Xunit;

namespace GuestOS.Drivers.Ata.Tests;

/// <summary>Requests that wait one behind the other, on the medium too, go out as one command.</summary>
public sealed class JoinTests
{
    private const int Blocks = 8;
    private const int Size = Blocks * 512;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Requests_that_continue_each_other_take_one_command_and_move_their_own_data(bool write)
    {
        var (machine, disk, model) = IdeMachine.WithDisk();
        using (machine)
        {
            var content = machine.Bytes(5 * Size);
            if (!write)
                Fill(machine, disk, content);
            model.Commands.Clear();
            var buffers = Enumerable.Range(0, 5).Select(_ => machine.Buffer(Size)).ToArray();
            for (var i = 0; write && i < 5; i++)
                content.AsSpan(i * Size, Size).CopyTo(buffers[i].GetSpan());

            // The first one is in flight when the others come.
            var tasks = buffers.Select((buffer, i) => write
                ? disk.WriteAsync((ulong)(i * Blocks), buffer.Memory).AsTask()
                : disk.ReadAsync((ulong)(i * Blocks), buffer.Memory).AsTask()).ToArray();
            machine.Run(Task.WhenAll(tasks));
            Assert.All(tasks, task => Assert.True(task.Result.IsSuccess));
            Assert.Equal(2, model.Commands.Count);
            if (write)
                Assert.Equal(content, Read(machine, disk, 5 * Size));
            for (var i = 0; i < 5; i++)
                Assert.True(content.AsSpan(i * Size, Size).SequenceEqual(buffers[i].GetSpan()), $"request {i}");
            Assert.All(buffers, buffer => Assert.Equal(0, buffer.PinCount));
            machine.AssertClean();
        }
    }

    [Fact]
    public void Gaps_other_directions_and_barriers_keep_requests_apart()
    {
        var (machine, disk, model) = IdeMachine.WithDisk();
        using (machine)
        {
            using var buffer = machine.Buffer(Size);
            model.Commands.Clear();
            ValueTask<BlockResult>[] pending =
            [
                disk.ReadAsync(1000, buffer.Memory),
                disk.ReadAsync(0, buffer.Memory),
                disk.ReadAsync(Blocks + 1, buffer.Memory),
                disk.WriteAsync((2 * Blocks) + 1, buffer.Memory),
                disk.FlushAsync(),
                disk.WriteAsync((3 * Blocks) + 1, buffer.Memory),
            ];
            foreach (var task in pending)
                Assert.True(machine.Run(task).IsSuccess);
            Assert.Equal(pending.Length, model.Commands.Count);
            machine.AssertClean();
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(4)]
    public void A_bad_block_fails_its_own_request_only(int bad)
    {
        var (machine, disk, model) = IdeMachine.WithDisk();
        using (machine)
        {
            var block = 100UL + (ulong)(bad * Blocks) + 3;
            model.Faults.BadBlocks[block] = 0x40;
            using var first = machine.Buffer(Size);
            var ahead = disk.ReadAsync(5000, first.Memory);
            var buffers = Enumerable.Range(0, 5).Select(_ => machine.Buffer(Size)).ToArray();
            var tasks = buffers.Select((buffer, i) => disk.ReadAsync(100 + (ulong)(i * Blocks), buffer.Memory).AsTask()).ToArray();
            Assert.True(machine.Run(ahead).IsSuccess);
            machine.Run(Task.WhenAll(tasks));
            for (var i = 0; i < tasks.Length; i++)
            {
                Assert.Equal(i != bad, tasks[i].Result.IsSuccess);
                if (i != bad)
                    continue;
                Assert.Equal(BlockErrorKind.MediumError, tasks[i].Result.Error!.Kind);
                Assert.Equal(block, tasks[i].Result.Error!.Block);
            }

            Assert.All(buffers, buffer => Assert.Equal(0, buffer.PinCount));
            machine.AssertClean();
        }
    }

    [Fact]
    public void A_request_that_is_cancelled_while_it_goes_with_another_ends_with_it()
    {
        var (machine, disk, _) = IdeMachine.WithDisk();
        using (machine)
        {
            using var source = new CancellationTokenSource();
            var buffers = Enumerable.Range(0, 3).Select(_ => machine.Buffer(Size)).ToArray();
            var first = disk.ReadAsync(5000, buffers[0].Memory).AsTask();
            var second = disk.ReadAsync(100, buffers[1].Memory).AsTask();
            var third = disk.ReadAsync(100 + Blocks, buffers[2].Memory, source.Token).AsTask();
            machine.RunUntil(() => first.IsCompleted);
            source.Cancel();
            machine.RunUntil(() => second.IsCompleted && third.IsCompleted);
            Assert.True(second.Result.IsSuccess);
            Assert.True(third.Result.IsSuccess);
            Assert.All(buffers, buffer => Assert.Equal(0, buffer.PinCount));
            machine.AssertClean();
        }
    }

    [Fact]
    public void A_drive_that_hangs_on_joined_requests_is_reset_and_each_is_tried_again()
    {
        var (machine, disk, model) = IdeMachine.WithDisk();
        using (machine)
        {
            var content = machine.Bytes(3 * Size);
            Fill(machine, disk, content);
            var buffers = Enumerable.Range(0, 3).Select(_ => machine.Buffer(Size)).ToArray();
            var ahead = disk.ReadAsync(5000, buffers[0].Memory).AsTask();
            model.Faults.StuckBusy = 1;
            var tasks = buffers.Select((buffer, i) => disk.ReadAsync((ulong)(i * Blocks), buffer.Memory).AsTask()).Append(ahead).ToArray();
            machine.Run(Task.WhenAll(tasks));
            Assert.All(tasks, task => Assert.True(task.Result.IsSuccess));
            Assert.Equal(1, machine.Channels[0].Counters.Timeouts);
            for (var i = 1; i < 3; i++)
                Assert.True(content.AsSpan(i * Size, Size).SequenceEqual(buffers[i].GetSpan()), $"request {i}");
            Assert.All(buffers, buffer => Assert.Equal(0, buffer.PinCount));
            machine.AssertClean();
        }
    }

    private static void Fill(IdeMachine machine, AtaDisk disk, byte[] content)
    {
        using var buffer = machine.Buffer(content.Length);
        content.CopyTo(buffer.GetSpan());
        Assert.True(machine.Run(disk.WriteAsync(0, buffer.Memory)).IsSuccess);
    }

    private static byte[] Read(IdeMachine machine, AtaDisk disk, int length)
    {
        using var buffer = machine.Buffer(length);
        Assert.True(machine.Run(disk.ReadAsync(0, buffer.Memory)).IsSuccess);
        return buffer.GetSpan().ToArray();
    }
}
