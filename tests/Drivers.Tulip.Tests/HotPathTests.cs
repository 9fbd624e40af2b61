using GuestOS.Machine.Network;
using GuestOS.Testing;
using Xunit;

namespace GuestOS.Drivers.Tulip.Tests;

/// <summary>What a frame costs: register accesses (each of them is an exit to a hypervisor) and memory.</summary>
public sealed class HotPathTests
{
    [Fact]
    public void Sending_a_frame_is_one_register_access()
    {
        using var machine = TulipMachine.Started();
        Warm(machine);
        var before = machine.Model.Accesses;
        for (var i = 0; i < 100; i++)
        {
            machine.Run(machine.SendAsync(machine.Bytes(100)));
            machine.Clock.Advance(machine.Model.Options.TransmitTime * 3);
        }

        Assert.Equal(1.0, (machine.Model.Accesses - before) / 100.0);
    }

    [Fact]
    public void Receiving_a_batch_is_three_register_accesses()
    {
        using var machine = TulipMachine.Started();
        Warm(machine);
        var before = machine.Model.Accesses;
        for (var i = 0; i < 10; i++)
        {
            for (var frame = 0; frame < 20; frame++)
                machine.Model.Deliver(machine.ToMe(100));
            machine.Clock.Advance(machine.Model.Options.InterruptLatency * 2);
            Assert.Equal(20, machine.TakeReceived().Count);
        }

        // Read the cause, acknowledge it, see that there is no further one.
        Assert.Equal(3.0, (machine.Model.Accesses - before) / 10.0);
    }

    [Theory]
    [InlineData("ring")]
    [InlineData("chained")]
    public void Frames_allocate_nothing_in_either_direction(string descriptors)
    {
        using var machine = TulipMachine.Started(options: ("descriptors", descriptors));
        machine.Records = false;
        var content = machine.ToMe(1000);
        var batch = new Frame[64];
        var delivered = 0;
        Round(2000);
        Assert.Equal(0, Allocations.Least(() => Round(2000)));
        Assert.True(machine.Adapter.Statistics.SentFrames > delivered);
        Assert.Equal(delivered, machine.Adapter.Statistics.ReceivedFrames);
        machine.AssertClean();

        void Round(int count)
        {
            for (var i = 0; i < count; i++)
            {
                machine.Model.Deliver(content);
                delivered++;
                Take(machine.Adapter.RentAsync(), machine, out var frame);
                frame.Length = content.Length;
                content.CopyTo(frame.Data);
                Take(machine.Adapter.SendAsync(frame), machine, out var result);
                result.ThrowIfFailed();
                if (i % 30 == 29)
                {
                    for (var more = 0; more < 40; more++)
                    {
                        Take(machine.Adapter.RentAsync(), machine, out batch[more]);
                        batch[more].Length = 60;
                    }

                    Take(machine.Adapter.SendAsync(batch.AsMemory(0, 40)), machine, out result);
                    result.ThrowIfFailed();
                }

                Take(machine.Adapter.ReceiveAsync(batch), machine, out var received);
                for (var taken = 0; taken < received; taken++)
                    batch[taken].Release();
            }
        }
    }

    [Fact]
    public void An_idle_adapter_reads_its_registers_only_to_see_the_link()
    {
        using var machine = TulipMachine.Started();
        machine.Clock.Advance(TimeSpan.FromSeconds(5));
        var before = machine.Model.Accesses;
        machine.Clock.Advance(TimeSpan.FromMilliseconds(900));
        var first = machine.Model.Accesses - before;
        before = machine.Model.Accesses;
        machine.Clock.Advance(TimeSpan.FromMilliseconds(900));
        Assert.Contains(0, new[] { first, machine.Model.Accesses - before });
    }

    private static void Take<T>(ValueTask<T> task, TulipMachine machine, out T result)
    {
        while (!task.IsCompleted)
            machine.Clock.RunNext();
        result = task.GetAwaiter().GetResult();
    }

    private static void Warm(TulipMachine machine)
    {
        for (var i = 0; i < 10; i++)
        {
            machine.Run(machine.SendAsync(machine.Bytes(100)));
            machine.Model.Deliver(machine.ToMe(100));
            machine.Clock.Advance(TimeSpan.FromMilliseconds(1));
            machine.TakeReceived();
        }
    }
}
