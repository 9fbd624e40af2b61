using GuestOS.Machine.Network;
using Xunit;

namespace GuestOS.Drivers.Tulip.Tests;

/// <summary>Trouble, and adapters that lie. Whatever happens: no frame twice, none lost that was taken, no memory touched, and an end.</summary>
public sealed class FaultTests
{
    [Fact]
    public void An_underflow_raises_the_threshold_and_sends_the_frame_again_in_its_place()
    {
        using var machine = TulipMachine.Started(adapter: TulipMachine.HyperV());
        var threshold = (machine.Model[6] >> 14) & 3;
        machine.Model.Faults.Underflows = 1;
        SendAll(machine, 100);
        Assert.Equal(1, machine.Adapter.RawCounters.Underflows);
        Assert.Equal(threshold + 1, (machine.Model[6] >> 14) & 3);
        Assert.Equal(100, machine.Adapter.Statistics.SentFrames);
        machine.AssertClean();
    }

    [Fact]
    public void Underflows_end_with_whole_frames_in_the_chip()
    {
        using var machine = TulipMachine.Started();
        machine.Model.Faults.Underflows = 100;
        SendAll(machine, 200);
        Assert.NotEqual(0u, machine.Model[6] & (1 << 21));
        Assert.InRange(machine.Adapter.RawCounters.Underflows, 2, 4);
        machine.AssertClean();
    }

    [Theory]
    [InlineData("21140")]
    [InlineData("21143")]
    public void A_fatal_bus_error_is_survived_without_losing_or_doubling_a_frame(string kind)
    {
        using var machine = TulipMachine.Started(adapter: TulipMachine.Of(kind));
        for (var round = 0; round < 20; round++)
        {
            machine.Wire.Clear();
            machine.Model.Faults.BusErrors = 1;
            SendAll(machine, machine.Random.Next(1, 150));
            Assert.True(machine.Model.Deliver(machine.ToMe(200)));
            machine.Settle();
            Assert.Single(machine.TakeReceived());
        }

        Assert.Equal(20, machine.Adapter.RawCounters.BusErrors);
        Assert.True(machine.Log.Warnings.Count() < 10, "The log is flooded.");
        machine.AssertClean();
    }

    [Fact]
    public void Frames_received_before_a_reset_are_not_lost()
    {
        using var machine = TulipMachine.Started();
        for (var i = 0; i < 20; i++)
            Assert.True(machine.Model.Deliver(machine.ToMe(100 + i)));
        machine.Model.Faults.BusErrors = 1;
        SendAll(machine, 5);
        machine.Settle();
        Assert.Equal(Enumerable.Range(100, 20), machine.TakeReceived().Select(frame => frame.Length));
    }

    [Fact]
    public void A_transmitter_that_hangs_is_reset_and_nothing_is_lost_or_doubled()
    {
        using var machine = TulipMachine.Started();
        var contents = Enumerable.Range(0, 50).Select(i => machine.Bytes(100 + i)).ToList();
        var tasks = contents.Take(20).Select(machine.SendAsync).ToList();
        machine.RunUntil(() => machine.Wire.Count == 7);
        machine.Model.Faults.TransmitHangs = true;
        tasks.AddRange(contents.Skip(20).Select(machine.SendAsync));
        machine.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(7, machine.Wire.Count);
        var resets = machine.Model.Resets;
        machine.RunUntil(() => machine.Adapter.RawCounters.SendTimeouts > 0);
        machine.Model.Faults.TransmitHangs = false;
        machine.Run(Task.WhenAll(tasks));
        machine.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(contents, machine.Wire);
        Assert.Equal(resets + 1, machine.Model.Resets);
        Assert.Equal(1, machine.Adapter.RawCounters.SendTimeouts);
        machine.AssertClean();
    }

    [Fact]
    public void One_that_hangs_for_ever_is_given_up_with_an_error_for_everybody()
    {
        using var machine = TulipMachine.Started();
        machine.Model.Faults.TransmitHangs = true;
        var tasks = Enumerable.Range(0, 100).Select(_ => machine.Adapter.SendAsync(machine.Rent(machine.Bytes(100))).AsTask()).ToList();
        var receive = machine.Adapter.ReceiveAsync(new Frame[4]);
        machine.Run(Task.WhenAll(tasks));
        Assert.All(tasks.Skip(62), task => Assert.Equal(NetworkErrorKind.Gone, task.Result.Error?.Kind));
        Assert.Equal(0, machine.Run(receive));
        Assert.False(machine.Adapter.Link.IsUp);
        Assert.Equal(TulipTimeouts.ResetLimit, machine.Adapter.RawCounters.Resets);
        Assert.Contains(machine.Log.Warnings, line => line.Contains("given up", StringComparison.Ordinal));
        Assert.False(machine.Clock.RunNext(), "A timer is left.");
    }

    [Fact]
    public void A_chip_that_does_not_stop_is_reset_after_a_while()
    {
        using var machine = TulipMachine.Started();
        machine.Model.Faults.NeverStops = true;
        machine.Model.Faults.Underflows = 1;
        SendAll(machine, 30);
        Assert.Equal(1, machine.Adapter.RawCounters.Resets);
    }

    [Fact]
    public void Jabber_is_reset_and_that_frame_counted()
    {
        using var machine = TulipMachine.Started();
        machine.Model.Faults.Jabbers = 1;
        var tasks = Enumerable.Range(0, 20).Select(i => machine.SendAsync(machine.Bytes(100 + i))).ToList();
        machine.Run(Task.WhenAll(tasks));
        machine.Settle();
        Assert.Equal(Enumerable.Range(101, 19), machine.Wire.Select(frame => frame.Length));
        Assert.Equal(1, machine.Adapter.Statistics.SendErrors);
        Assert.Equal(1, machine.Adapter.RawCounters.Jabbers);
        machine.AssertClean();
    }

    [Theory]
    [InlineData(0x8000u | (1u << 10))]
    [InlineData(0x8000u | (1u << 9))]
    [InlineData(0x8000u | (1u << 8))]
    [InlineData(0x8000u)]
    public void Errors_of_the_medium_are_counted_and_the_frame_given_back(uint status)
    {
        using var machine = TulipMachine.Started();
        machine.Model.Faults.EditTransmitStatus = _ => status;
        for (var i = 0; i < 300; i++)
            machine.Run(machine.SendAsync(machine.Bytes(60)));
        machine.Settle();
        Assert.Equal(300, machine.Adapter.Statistics.SendErrors);
        Assert.Equal(0, machine.Adapter.Statistics.SentFrames);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_adapter_that_vanishes_ends_everything_with_a_clear_error(bool withInterrupt)
    {
        using var machine = TulipMachine.Started();
        var tasks = Enumerable.Range(0, 100).Select(_ => machine.Adapter.SendAsync(machine.Rent(machine.Bytes(100))).AsTask()).ToList();
        var receive = machine.Adapter.ReceiveAsync(new Frame[4]);
        var rents = new List<Frame>();
        while (machine.Adapter.TryRent(out var frame))
            rents.Add(frame);
        var rent = machine.Adapter.RentAsync().AsTask();
        var changes = new List<LinkStatus>();
        machine.Adapter.LinkChanged += changes.Add;
        machine.Model.Faults.Vanished = true;
        if (withInterrupt)
            machine.Model.Interrupt.InjectSpurious();
        machine.RunUntil(() => tasks.TrueForAll(task => task.IsCompleted));
        Assert.All(tasks.Skip(62), task => Assert.Contains("does not answer", task.Result.Error!.Detail, StringComparison.Ordinal));
        Assert.Equal(0, machine.Run(receive));
        Assert.Equal([LinkStatus.Down], changes);
        machine.RunUntil(() => rent.IsCompleted);
        Assert.IsType<ObjectDisposedException>(rent.Exception!.InnerException);
        Assert.Equal(NetworkErrorKind.Gone, machine.Run(machine.Adapter.SetFilterAsync(ReceiveFilter.Station)).Error?.Kind);
        Assert.Equal(NetworkErrorKind.Gone, machine.Run(machine.Adapter.QuiesceAsync()).Error?.Kind);
        Assert.Equal(NetworkErrorKind.Gone, machine.Run(machine.Adapter.ResumeAsync()).Error?.Kind);
        rents[0].Length = 60;
        Assert.Equal(NetworkErrorKind.Gone, machine.Run(machine.Adapter.SendAsync(rents[0])).Error?.Kind);
        rents.Skip(1).ToList().ForEach(frame => frame.Release());
        Assert.False(machine.Clock.RunNext(), "A timer is left.");
    }

    [Fact]
    public void An_adapter_that_comes_back_after_its_driver_gave_it_up_reaches_no_memory_that_was_given_back()
    {
        using var machine = TulipMachine.Started();
        var task = machine.Adapter.SendAsync(machine.Rent(machine.Bytes(100))).AsTask();
        machine.Model.Faults.Vanished = true;
        machine.Rebind();
        Assert.True(task.IsCompleted);

        // It never heard of the reset, and goes on where it was.
        machine.Model.Faults.Vanished = false;
        machine.Model.Write(8, 4, 1);
        Assert.False(machine.Model.Deliver(machine.Bytes(100, MacAddress.Broadcast)));
        machine.Clock.Advance(TimeSpan.FromMilliseconds(10));
        Assert.Empty(machine.Memory.Violations);
        Assert.Equal(0, machine.Model.Configuration.Read16(4) & 4);

        // The next driver resets it before it lets it to memory again.
        machine.Start();
        machine.Run(machine.SendAsync(machine.Bytes(200)));
        machine.Settle();
        Assert.Equal(200, Assert.Single(machine.Wire).Length);
        Assert.Empty(machine.Memory.Violations);
    }

    [Theory]
    [InlineData(0u, "an owned-looking nothing")]
    [InlineData((1u << 9) | (1u << 8), "length 0")]
    [InlineData((1u << 9) | (1u << 8) | (17u << 16), "runt without a mark")]
    [InlineData((1u << 9) | (1u << 8) | (1537u << 16), "longer than the buffer")]
    [InlineData((1u << 9) | (1u << 8) | (0x3FFFu << 16), "the longest that the field holds")]
    [InlineData((1u << 9) | (1u << 8) | (100u << 16) | (1u << 15), "error summary alone")]
    [InlineData((1u << 9) | (1u << 8) | (100u << 16) | (1u << 15) | (1u << 1), "CRC")]
    [InlineData((1u << 9) | (1u << 8) | (100u << 16) | (1u << 15) | (1u << 11), "runt")]
    [InlineData((1u << 9) | (1u << 8) | (100u << 16) | (1u << 15) | 1u, "overflow")]
    [InlineData((1u << 9) | (1u << 8) | (100u << 16) | (1u << 4), "watchdog")]
    [InlineData((1u << 9) | (1u << 8) | (100u << 16) | (1u << 15) | (1u << 14), "descriptor error")]
    [InlineData((1u << 8) | (100u << 16), "last without first")]
    [InlineData(0x7FFF_FFFFu, "everything at once")]
    public void A_bad_receive_status_costs_that_frame_only(uint status, string what)
    {
        using var machine = TulipMachine.Started();
        machine.Model.Faults.EditReceiveStatus = (good, length) => length == 99 ? status : good;
        var expected = new List<byte[]>();
        for (var i = 0; i < 300; i++)
        {
            var frame = machine.ToMe(i % 3 == 1 ? 99 : 100 + i);
            Assert.True(machine.Model.Deliver(frame), what);
            if (i % 3 != 1)
                expected.Add(frame);
            if (i % 16 == 0)
                machine.Clock.Advance(TimeSpan.FromTicks(200));
        }

        machine.Settle();
        Assert.Equal(expected, machine.TakeReceived());
        var statistics = machine.Adapter.Statistics;
        Assert.Equal(100, statistics.ReceiveErrors + statistics.ReceiveDropped);
        machine.AssertClean();
    }

    [Fact]
    public void Frames_longer_than_a_buffer_are_counted_once_and_dropped()
    {
        using var machine = TulipMachine.Started();
        foreach (var length in (int[])[100, 1532, 1533, 4000, 100, 9000, 200])
            machine.Model.Deliver(machine.ToMe(length));
        machine.Settle();
        Assert.Equal([100, 1532, 100, 200], machine.TakeReceived().Select(frame => frame.Length));
        Assert.Equal(3, machine.Adapter.RawCounters.ReceiveTooLong);
        machine.AssertClean();
    }

    [Fact]
    public void A_descriptor_left_owned_is_no_frame()
    {
        using var machine = TulipMachine.Started();
        machine.Model.Faults.LeaveOwned = 5;
        for (var i = 0; i < 5; i++)
            machine.Model.Deliver(machine.ToMe(100));
        machine.Settle();
        Assert.Empty(machine.TakeReceived());
        machine.Model.Deliver(machine.ToMe(123));
        machine.Settle();
        Assert.Equal(123, Assert.Single(machine.TakeReceived()).Length);
        machine.AssertClean();
    }

    [Fact]
    public void Status_bits_that_no_manual_defines_mean_nothing()
    {
        using var machine = TulipMachine.Started();
        machine.Model.Faults.StatusNoise = 0x7C00_0000;
        SendAll(machine, 50);
        for (var i = 0; i < 50; i++)
            machine.Model.Deliver(machine.ToMe(100));
        machine.Settle();
        Assert.Equal(50, machine.TakeReceived().Count);
        Assert.Equal(0, machine.Adapter.RawCounters.Resets);
        machine.AssertClean();
    }

    [Fact]
    public void A_line_that_is_asserted_for_ever_ends_every_call()
    {
        // All cause bits read as set whatever is written: the handler must come back.
        using var machine = TulipMachine.Started();
        machine.Model.Faults.StatusNoise = 0x0001_00C1;
        var before = machine.Model.Accesses;
        Assert.Equal(Machine.InterruptResult.Handled, machine.Adapter.OnInterrupt());
        Assert.InRange(machine.Model.Accesses - before, 1, 60);
    }

    [Fact]
    public void What_is_scribbled_into_descriptors_is_never_used()
    {
        using var machine = TulipMachine.Started(adapter: TulipMachine.HyperV());
        machine.Model.Faults.Scribbles = new Random(8);
        var sent = new List<byte[]>();
        var received = new List<byte[]>();
        var contents = new List<byte[]>();
        for (var i = 0; i < 2000; i++)
        {
            var frame = machine.ToMe(machine.Random.Next(60, 1515));
            if (machine.Model.Deliver(frame))
                sent.Add(frame);
            var content = machine.Bytes(machine.Random.Next(60, 1515));
            contents.Add(content);
            machine.Run(machine.SendAsync(content));
            if (i % 8 == 0)
            {
                machine.Clock.Advance(TimeSpan.FromTicks(500));
                received.AddRange(machine.TakeReceived());
            }
        }

        machine.Settle();
        received.AddRange(machine.TakeReceived());
        Assert.Equal(sent, received);
        Assert.Equal(contents, machine.Wire);
        machine.AssertClean();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void Random_trouble_loses_no_frame_doubles_none_and_changes_none(int seed)
    {
        using var machine = TulipMachine.Started(seed, seed % 2 == 0 ? TulipMachine.HyperV() : TulipMachine.Qemu(), ("descriptors", seed % 3 == 0 ? "chained" : "ring"));
        var contents = new List<byte[]>();
        var tasks = new List<Task>();
        var expected = new List<byte[]>();
        var received = new List<byte[]>();
        for (var round = 0; round < 400; round++)
        {
            for (var i = machine.Random.Next(30); i > 0; i--)
            {
                var content = machine.Bytes(machine.Random.Next(60, 1515));
                contents.Add(content);
                tasks.Add(machine.SendAsync(content));
            }

            for (var i = machine.Random.Next(20); i > 0; i--)
            {
                var frame = machine.ToMe(machine.Random.Next(60, 1515));
                if (machine.Model.Deliver(frame))
                    expected.Add(frame);
            }

            switch (machine.Random.Next(40))
            {
                case 0:
                    machine.Model.Faults.BusErrors = 1;
                    break;
                case 1:
                    machine.Model.Faults.Underflows = 1;
                    break;
                case 2:
                    machine.Model.Interrupt.LoseNext = 1;
                    break;
                case 3:
                    machine.Model.Phy.LinkIsUp ^= true;
                    break;
                case 4:
                    machine.Model.Interrupt.InjectSpurious();
                    break;
                case 5:
                    Assert.True(machine.Run(machine.Adapter.QuiesceAsync()).IsSuccess);
                    Assert.True(machine.Run(machine.Adapter.ResumeAsync()).IsSuccess);
                    break;
            }

            machine.Clock.Advance(TimeSpan.FromTicks(machine.Random.Next(20_000)));
            received.AddRange(machine.TakeReceived());
        }

        machine.Run(Task.WhenAll(tasks));
        machine.Clock.Advance(TimeSpan.FromSeconds(5));
        received.AddRange(machine.TakeReceived());
        Assert.Equal(contents, machine.Wire);
        Assert.Equal(expected, received);
        machine.AssertClean();
    }

    private static void SendAll(TulipMachine machine, int count)
    {
        var before = machine.Wire.Count;
        var contents = Enumerable.Range(0, count).Select(_ => machine.Bytes(machine.Random.Next(60, 1515))).ToList();
        machine.Run(Task.WhenAll(contents.ConvertAll(machine.SendAsync)));
        machine.RunUntil(() => machine.Wire.Count >= before + count);
        machine.Settle();
        Assert.Equal(contents, machine.Wire.Skip(before));
    }
}
