using GuestOS.Machine.Block;
using GuestOS.Sandbox.Ide;
using GuestOS.Testing;
using Xunit;

namespace GuestOS.Drivers.Ata.Tests;

/// <summary>What a request costs: register accesses (each of them is an exit to a hypervisor) and memory.</summary>
public sealed class HotPathTests
{
    [Theory]
    [InlineData(0UL, false, 11)]
    [InlineData(0UL, true, 11)]
    [InlineData(1UL << 30, false, 14)]
    [InlineData(1UL << 30, true, 14)]
    public void A_DMA_request_takes_so_many_register_accesses(ulong block, bool write, int accesses)
    {
        var (machine, disk, _) = IdeMachine.WithDisk(new IdeDiskOptions { BlockCount = 1UL << 31 });
        using (machine)
        {
            using var buffer = machine.Buffer(4096);
            for (var i = 0; i < 3; i++)
                Assert.True(machine.Run(disk.ReadAsync(block, buffer.Memory)).IsSuccess);
            var before = machine.Controller.Accesses;
            for (var i = 0; i < 10; i++)
                Assert.True(machine.Run(write ? disk.WriteAsync(block, buffer.Memory) : disk.ReadAsync(block, buffer.Memory)).IsSuccess);
            Assert.Equal(accesses, (machine.Controller.Accesses - before) / 10.0);
        }
    }

    [Fact]
    public void The_next_command_is_started_before_the_result_of_the_last_one_is_announced()
    {
        var (machine, disk, model) = IdeMachine.WithDisk();
        using (machine)
        {
            model.Commands.Clear();
            var seen = new List<int>();
            var tasks = Enumerable.Range(0, 3).Select(i => Read((ulong)i)).ToArray();
            machine.Run(Task.WhenAll(tasks));
            Assert.Equal([2, 3, 3], seen);

            async Task Read(ulong block)
            {
                Assert.True((await disk.ReadAsync(block, new byte[512])).IsSuccess);
                seen.Add(model.Commands.Count);
            }
        }
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void A_request_allocates_nothing(bool pio, bool bounced)
    {
        var (machine, disk, model) = IdeMachine.WithDisk(options: ("pio", pio ? "1" : "0"));
        using (machine)
        {
            model.RecordsCommands = false;
            machine.Memory.RefuseMapping = bounced;
            using var buffer = machine.Buffer(8192);
            var memory = buffer.Memory;
            for (var i = 0; i < 600; i++)
                Request(machine, disk, memory, i);
            Assert.Equal(0, Allocations.Least(() =>
            {
                for (var i = 0; i < 150; i++)
                    Request(machine, disk, memory, i);
            }));
            machine.AssertClean();
        }

        // Submits, drives the machine, takes the result: the models allocate nothing either.
        static void Request(IdeMachine machine, AtaDisk disk, Memory<byte> memory, int number)
        {
            var task = (number % 4) switch
            {
                0 => disk.ReadAsync((ulong)(number % 500), memory),
                1 => disk.WriteAsync((ulong)(number % 500), memory),
                2 => disk.ReadAsync((ulong)(number % 500), memory[..512]),
                _ => disk.FlushAsync(),
            };
            while (!task.IsCompleted)
                machine.Clock.RunNext();
            if (!task.GetAwaiter().GetResult().IsSuccess)
                throw new InvalidOperationException("failed");
        }
    }

    [Fact]
    public void A_result_can_be_taken_once_and_the_request_is_used_again()
    {
        var (machine, disk, _) = IdeMachine.WithDisk();
        using (machine)
        {
            var buffer = new byte[512];
            var task = disk.ReadAsync(0, buffer);
            Assert.Throws<InvalidOperationException>(() => task.GetAwaiter().GetResult());
            machine.RunUntil(() => task.IsCompleted);
            Assert.True(task.GetAwaiter().GetResult().IsSuccess);
            Assert.Throws<InvalidOperationException>(() => task.GetAwaiter().GetResult());
            Assert.True(machine.Run(disk.ReadAsync(0, buffer)).IsSuccess);
        }
    }

    [Fact]
    public void An_idle_channel_sets_no_timer()
    {
        var (machine, disk, _) = IdeMachine.WithDisk();
        using (machine)
        {
            Assert.True(machine.Run(disk.ReadAsync(0, new byte[512])).IsSuccess);
            while (machine.Clock.RunNext())
                Assert.True(machine.Clock.Elapsed < TimeSpan.FromSeconds(10));
        }
    }
}
