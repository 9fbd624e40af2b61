using FsCheck;
using FsCheck.Fluent;
using GuestOS.Machine.Network;
using GuestOS.Sandbox.Tulip;
using Xunit;

namespace GuestOS.Drivers.Tulip.Tests;

/// <summary>Adapters that do anything at any time. Everything has a result and an end, and no memory is touched but the buffers.</summary>
public sealed class HostileTests
{
    private const uint Own = 0x8000_0000;

    [Fact]
    public void No_status_makes_a_frame_longer_than_its_buffer()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<uint>(), ArbMap.Default.ArbFor<uint>(), (high, low) =>
        {
            var status = (high << 16) ^ low;
            var verdict = ReceiveStatus.Judge(status, RxRing.BufferSize, out var length);
            return verdict == ReceiveVerdict.Good ? length is >= 14 and <= RxRing.BufferSize - 4 : length == 0;
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(18, 14)]
    [InlineData(64, 60)]
    [InlineData(1518, 1514)]
    [InlineData(1536, 1532)]
    public void Lengths_at_the_limits_are_good(int told, int expected)
    {
        // First and last, and with them every bit that says nothing of the frame: filtering fail, data type, multicast, too long,
        // collision, frame type, MII error, dribble.
        const uint Notes = (1u << 30) | (3u << 12) | (1u << 10) | (1u << 7) | (1u << 6) | (1u << 5) | (1u << 3) | (1u << 2);
        foreach (var notes in (uint[])[0, Notes])
        {
            Assert.Equal(ReceiveVerdict.Good, ReceiveStatus.Judge(0x300 | notes | ((uint)told << 16), RxRing.BufferSize, out var length));
            Assert.Equal(expected, length);
        }
    }

    [Theory]
    [InlineData(17)]
    [InlineData(1537)]
    [InlineData(0x0800)]
    [InlineData(0x3FFF)]
    public void Lengths_beyond_the_limits_are_not(int told) =>
        Assert.Equal(ReceiveVerdict.BadLength, ReceiveStatus.Judge(0x300 | ((uint)told << 16), RxRing.BufferSize, out _));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Any_status_of_any_descriptor_costs_at_most_that_frame(int seed)
    {
        using var machine = TulipMachine.Started(seed, seed % 2 == 0 ? TulipMachine.HyperV() : TulipMachine.Qemu());
        var random = new Random(seed);
        var isHonest = false;
        machine.Model.Faults.EditReceiveStatus = (good, _) => isHonest ? good : (uint)random.NextInt64(Own);
        machine.Model.Faults.EditTransmitStatus = good => isHonest ? good : (uint)random.NextInt64(Own);
        var delivered = 0;
        var received = 0;
        var tasks = new List<Task>();
        for (var round = 0; round < 300; round++)
        {
            for (var i = random.Next(20); i > 0; i--)
                tasks.Add(machine.SendAsync(machine.Bytes(random.Next(60, 1515))));
            for (var i = random.Next(20); i > 0; i--)
                delivered += machine.Model.Deliver(machine.ToMe(random.Next(60, 1515))) ? 1 : 0;
            machine.Clock.Advance(TimeSpan.FromTicks(random.Next(20_000)));
            received += Count(machine);
        }

        machine.Run(Task.WhenAll(tasks));
        machine.Settle();
        received += Count(machine);
        Assert.Equal(received, machine.Adapter.Statistics.ReceivedFrames);
        Assert.InRange(received, 0, delivered);
        Assert.Equal(tasks.Count, machine.Adapter.Statistics.SentFrames + machine.Adapter.Statistics.SendErrors);

        // An adapter that behaves from here on is as good as new.
        isHonest = true;
        machine.Wire.Clear();
        var content = machine.Bytes(500);
        machine.Run(machine.SendAsync(content));
        var frame = machine.ToMe(700);
        Assert.True(machine.Model.Deliver(machine.ToMe(600)));
        Assert.True(machine.Model.Deliver(frame));
        machine.Settle();
        Assert.Equal([content], machine.Wire);
        Assert.Equal(frame, machine.TakeReceived()[^1]);
        machine.AssertClean();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void An_adapter_that_vanishes_at_any_register_access_ends_everything(int seed)
    {
        var random = new Random(seed);
        var kind = seed % 2 == 0 ? "21140" : "21143";
        long start;
        long whole;
        using (var machine = new TulipMachine(seed, TulipMachine.Of(kind)))
        {
            Assert.True(TryStart(machine));
            start = machine.Model.Accesses;
            Work(machine);
            whole = machine.Model.Accesses;
        }

        for (var round = 0; round < 40; round++)
        {
            var machine = new TulipMachine(seed, TulipMachine.Of(kind));
            var pages = machine.Memory.PageCount;

            // One half while it is brought up, the other while it works. A ROM that was read in part is not believed.
            machine.Model.Faults.VanishesAfter = (int)(round % 2 == 0 ? random.NextInt64(start) : random.NextInt64(start, whole));
            if (TryStart(machine))
            {
                Assert.Equal("00:15:5d:01:02:03", machine.Adapter.Address.ToString());
                Work(machine);
            }

            Assert.True(machine.Model.Faults.Vanished);
            machine.Run(machine.Instance.DetachAsync(default));
            Assert.Equal(pages, machine.Memory.PageCount);
            Assert.False(machine.Clock.RunNext(), "A timer is left.");
            Assert.Empty(machine.Memory.Violations);
            machine.Dispose();
        }
    }

    [Theory]
    [InlineData(0.2)]
    [InlineData(0.5)]
    [InlineData(0.8)]
    public void A_serial_ROM_that_was_read_in_part_is_not_believed(double part)
    {
        using var good = new TulipMachine();
        Assert.True(TryStart(good));

        // Nearly all accesses of the start are the ROM's. From where it is gone all bits are ones, which look like a checksum that was never programmed.
        using var machine = new TulipMachine();
        machine.Model.Faults.VanishesAfter = (int)(good.Model.Accesses * part);
        Assert.Null(machine.Run(machine.Instance.ProbeAsync(default)));
        var error = Assert.Throws<IOException>(() => machine.Run(machine.Instance.AttachAsync(default)));
        Assert.Contains("does not answer", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("21140", 0x0000_1010u)]
    [InlineData("21140", 0x0C00_0000u)]
    [InlineData("21143", 0x0000_1010u)]
    [InlineData("21143", 0xF000_4014u)]
    public void Interrupt_causes_that_were_never_asked_for_are_left_alone(string kind, uint noise)
    {
        using var machine = TulipMachine.Started(adapter: TulipMachine.Of(kind));
        machine.Model.Faults.StatusNoise = noise;
        var content = machine.Bytes(100);
        machine.Run(machine.SendAsync(content));
        Assert.True(machine.Model.Deliver(machine.ToMe(100)));
        var before = machine.Adapter.RawCounters.Interrupts;
        machine.Model.Interrupt.InjectSpurious();
        machine.Settle();
        Assert.InRange(machine.Adapter.RawCounters.Interrupts - before, 0, 2);
        Assert.Single(machine.TakeReceived());
        Assert.Equal([content], machine.Wire);
        Assert.Equal(0, machine.Adapter.RawCounters.Resets);
        machine.AssertClean();
    }

    [Fact]
    public void Senders_whose_interrupt_is_lost_go_on_by_the_watch()
    {
        using var machine = TulipMachine.Started();
        machine.Model.Interrupt.LoseNext = 2;
        var contents = Enumerable.Range(0, 200).Select(_ => machine.Bytes(100)).ToList();
        var start = machine.Clock.Elapsed;
        machine.Run(Task.WhenAll(contents.ConvertAll(machine.SendAsync)));
        machine.Settle();
        Assert.Equal(contents, machine.Wire);
        Assert.InRange(machine.Clock.Elapsed - start, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.Equal(0, machine.Adapter.RawCounters.Resets);
        machine.AssertClean();
    }

    /// <summary>Some of everything that an adapter is asked for. Nothing may stay without an end; what comes of it depends on the adapter.</summary>
    private static void Work(TulipMachine machine)
    {
        var tasks = new List<Task>();
        for (var i = 0; i < 150 && machine.Adapter.TryRent(out var frame); i++)
        {
            frame.Length = 60 + i;
            tasks.Add(machine.Adapter.SendAsync(frame).AsTask());
            if (i % 8 == 0)
            {
                machine.Model.Deliver(machine.ToMe(100));
                machine.Clock.Advance(TimeSpan.FromTicks(500));
            }
        }

        tasks.Add(machine.Adapter.SetFilterAsync(new ReceiveFilter { Multicast = [new MacAddress(0x0100_5E00_0001)] }).AsTask());
        machine.Clock.Advance(TimeSpan.FromSeconds(3));
        machine.Model.Faults.BusErrors = 1;
        if (machine.Adapter.TryRent(out var last))
        {
            last.Length = 60;
            tasks.Add(machine.Adapter.SendAsync(last).AsTask());
        }

        machine.Clock.Advance(TimeSpan.FromSeconds(1));
        tasks.Add(machine.Adapter.QuiesceAsync().AsTask());
        machine.Clock.Advance(TimeSpan.FromSeconds(1));
        tasks.Add(machine.Adapter.ResumeAsync().AsTask());
        machine.Clock.Advance(TimeSpan.FromSeconds(3));
        machine.RunUntil(() => tasks.TrueForAll(task => task.IsCompleted));
        machine.TakeReceived();
    }

    private static bool TryStart(TulipMachine machine)
    {
        try
        {
            if (machine.Run(machine.Instance.ProbeAsync(default)) is not null)
                return false;
            machine.Run(machine.Instance.AttachAsync(default));
            machine.Run(machine.Instance.StartAsync(default));
            return true;
        }
        catch (IOException e)
        {
            Assert.NotEqual(0, e.Message.Length);
            return false;
        }
    }

    private static int Count(TulipMachine machine)
    {
        var frames = machine.TakeReceived();
        Assert.All(frames, frame => Assert.InRange(frame.Length, 14, RxRing.BufferSize - 4));
        return frames.Count;
    }
}
