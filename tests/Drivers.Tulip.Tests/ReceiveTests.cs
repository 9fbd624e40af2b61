using GuestOS.Machine.Network;
using Xunit;

namespace GuestOS.Drivers.Tulip.Tests;

public sealed class ReceiveTests
{
    [Theory]
    [InlineData("21140", "ring")]
    [InlineData("21140", "chained")]
    [InlineData("21143", "ring")]
    [InlineData("21143", "chained")]
    public void Frames_of_all_lengths_come_in_order_and_whole(string kind, string descriptors)
    {
        using var machine = TulipMachine.Started(adapter: TulipMachine.Of(kind), options: ("descriptors", descriptors));
        var sent = new List<byte[]>();
        var received = new List<byte[]>();
        for (var i = 0; i < 1000; i++)
        {
            var frame = machine.ToMe(machine.Random.Next(60, 1519));
            if (machine.Model.Deliver(frame))
                sent.Add(frame);
            if (machine.Random.Next(20) == 0)
            {
                machine.Clock.Advance(TimeSpan.FromTicks(machine.Random.Next(1, 200)));
                received.AddRange(machine.TakeReceived());
            }
        }

        machine.Settle();
        received.AddRange(machine.TakeReceived());
        Assert.Equal(1000, sent.Count);
        Assert.Equal(sent, received);
        Assert.Equal(1000, machine.Adapter.Statistics.ReceivedFrames);
        Assert.Equal(0, machine.Adapter.Statistics.ReceiveDropped);
        machine.AssertClean();
    }

    [Fact]
    public void A_burst_is_one_batch_and_one_interrupt()
    {
        using var machine = TulipMachine.Started();
        var before = machine.Adapter.RawCounters.Interrupts;
        for (var i = 0; i < 40; i++)
            Assert.True(machine.Model.Deliver(machine.ToMe(100)));
        var batch = new Frame[64];
        Assert.Equal(40, machine.Run(machine.Adapter.ReceiveAsync(batch)));
        Assert.Equal(1, machine.Adapter.RawCounters.Interrupts - before);
        foreach (var frame in batch.AsSpan(0, 40))
            frame.Release();
        machine.AssertClean();
    }

    [Fact]
    public void The_receiver_gets_the_memory_that_the_chip_wrote_and_the_chip_other_memory()
    {
        // The model writes back late what it read from a descriptor: the address of the frame that the program has by then.
        using var machine = TulipMachine.Started(adapter: TulipMachine.Qemu());
        var held = new List<(Frame Frame, byte[] Content)>();
        var batch = new Frame[16];
        for (var round = 0; round < 60; round++)
        {
            var contents = new List<byte[]>();
            for (var i = 0; i < 4; i++)
            {
                var content = machine.ToMe(machine.Random.Next(60, 1514));
                Assert.True(machine.Model.Deliver(content));
                contents.Add(content);
            }

            var count = machine.Run(machine.Adapter.ReceiveAsync(batch));
            for (var i = 0; i < count; i++)
                held.Add((batch[i], contents[i]));
        }

        Assert.Equal(240, held.Select(pair => pair.Frame.PhysicalAddress).Distinct().Count());
        Assert.All(held, pair => Assert.Equal(pair.Content, pair.Frame.Data.ToArray()));
        held.ForEach(pair => pair.Frame.Release());
        machine.AssertClean();
    }

    [Fact]
    public void A_program_that_keeps_its_frames_loses_new_ones_and_nothing_else()
    {
        using var machine = TulipMachine.Started();
        var batch = new Frame[400];
        var delivered = 0;
        for (var i = 0; i < 1000; i++)
        {
            delivered += machine.Model.Deliver(machine.ToMe(100)) ? 1 : 0;
            machine.Clock.Advance(TimeSpan.FromTicks(100));
        }

        Assert.Equal(1000, delivered);
        var count = machine.Run(machine.Adapter.ReceiveAsync(batch));
        Assert.Equal(256, count);
        Assert.Equal(1000 - 256, machine.Adapter.Statistics.ReceiveDropped);
        foreach (var frame in batch.AsSpan(0, count))
            frame.Release();
        Assert.True(machine.Model.Deliver(machine.ToMe(77)));
        Assert.Equal(1, machine.Run(machine.Adapter.ReceiveAsync(batch)));
        Assert.Equal(77, batch[0].Length);
        batch[0].Release();
        machine.AssertClean();
    }

    [Fact]
    public void After_the_ring_was_empty_it_goes_on_and_the_missed_are_counted()
    {
        using var machine = TulipMachine.Started();
        var taken = Enumerable.Range(0, 300).Count(_ => machine.Model.Deliver(machine.ToMe(100)));
        Assert.Equal(128, taken);
        machine.Settle();
        Assert.Equal(128, machine.TakeReceived().Count);
        Assert.True(machine.Model.Deliver(machine.ToMe(90)));
        machine.Settle();
        Assert.Equal(90, Assert.Single(machine.TakeReceived()).Length);
        machine.Clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(172, machine.Adapter.Statistics.ReceiveDropped);
        Assert.True(machine.Adapter.RawCounters.ReceiveNoBuffer > 0);
        machine.AssertClean();
    }

    [Fact]
    public void A_lost_interrupt_is_made_good_by_the_watch()
    {
        using var machine = TulipMachine.Started();
        machine.Model.Interrupt.LoseNext = 1;
        Assert.True(machine.Model.Deliver(machine.ToMe(100)));
        var batch = new Frame[4];
        var start = machine.Clock.Elapsed;
        Assert.Equal(1, machine.Run(machine.Adapter.ReceiveAsync(batch)));
        batch[0].Release();
        Assert.InRange(machine.Clock.Elapsed - start, TimeSpan.Zero, TimeSpan.FromSeconds(0.6));
        Assert.Equal(1, machine.Adapter.RawCounters.LostInterrupts);
        Assert.Contains(machine.Log.Warnings, line => line.Contains("lost", StringComparison.Ordinal));

        // From then on interrupts work again.
        Assert.True(machine.Model.Deliver(machine.ToMe(100)));
        start = machine.Clock.Elapsed;
        Assert.Equal(1, machine.Run(machine.Adapter.ReceiveAsync(batch)));
        batch[0].Release();
        Assert.InRange(machine.Clock.Elapsed - start, TimeSpan.Zero, TimeSpan.FromMilliseconds(1));
    }

    [Fact]
    public void One_program_receives_and_it_can_give_up_waiting()
    {
        using var machine = TulipMachine.Started();
        using var stop = new CancellationTokenSource();
        var batch = new Frame[4];
        var wait = machine.Adapter.ReceiveAsync(batch, stop.Token).AsTask();
        Assert.Throws<InvalidOperationException>(() => machine.Adapter.ReceiveAsync(batch).GetAwaiter().GetResult());
        stop.Cancel();
        Assert.True(wait.IsCanceled);
        Assert.True(machine.Model.Deliver(machine.ToMe(100)));
        Assert.Equal(1, machine.Run(machine.Adapter.ReceiveAsync(batch)));
        batch[0].Release();
    }

    [Fact]
    public void An_interrupt_that_is_somebody_elses_is_left_to_him()
    {
        using var machine = TulipMachine.Started();
        var before = machine.Model.Interrupt.NotMine;
        machine.Model.Interrupt.InjectSpurious();
        machine.Settle();
        Assert.Equal(before + 1, machine.Model.Interrupt.NotMine);
        Assert.Equal(1, machine.Adapter.RawCounters.Spurious);
    }
}
