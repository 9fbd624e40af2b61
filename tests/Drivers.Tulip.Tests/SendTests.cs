using GuestOS.Machine.Network;
using Xunit;

namespace GuestOS.Drivers.Tulip.Tests;

public sealed class SendTests
{
    [Theory]
    [InlineData("21140", "ring", 14)]
    [InlineData("21140", "chained", 60)]
    [InlineData("21143", "ring", 1514)]
    [InlineData("21143", "chained", 333)]
    public void A_frame_goes_out_as_it_is(string kind, string descriptors, int length)
    {
        using var machine = TulipMachine.Started(adapter: TulipMachine.Of(kind), options: ("descriptors", descriptors));
        var content = machine.Bytes(length);
        var task = machine.Adapter.SendAsync(machine.Rent(content));
        Assert.True(task.IsCompleted);
        Assert.True(task.GetAwaiter().GetResult().IsSuccess);
        machine.Settle();
        var sent = Assert.Single(machine.Wire);
        Assert.Equal(content, sent[..length]);
        Assert.Equal(Math.Max(60, length), sent.Length);
        Assert.True(sent.AsSpan(length).IndexOfAnyExcept((byte)0) < 0);
        Assert.Equal(1, machine.Adapter.Statistics.SentFrames);
        Assert.Equal(sent.Length, machine.Adapter.Statistics.SentBytes);
        machine.AssertClean();
    }

    [Fact]
    public void What_was_in_memory_before_does_not_go_out_with_a_short_frame()
    {
        using var machine = TulipMachine.Started();
        var frames = new List<Frame>();
        while (machine.Adapter.TryRent(out var frame))
        {
            frame.Room.Fill(0xEE);
            frames.Add(frame);
        }

        frames.ForEach(frame => frame.Release());
        machine.Run(machine.SendAsync(machine.Bytes(20)));
        machine.Settle();
        Assert.DoesNotContain((byte)0xEE, machine.Wire[0][20..]);
    }

    [Theory]
    [InlineData(13)]
    [InlineData(1515)]
    public void A_frame_of_an_impossible_length_is_refused_and_given_back(int length)
    {
        using var machine = TulipMachine.Started();
        var result = machine.Run(machine.Adapter.SendAsync(machine.Rent(new byte[length])));
        Assert.Equal(NetworkErrorKind.InvalidRequest, result.Error?.Kind);
        Assert.Contains($"{length} bytes", result.Error!.ToString(), StringComparison.Ordinal);
        machine.Settle();
        Assert.Empty(machine.Wire);
    }

    [Fact]
    public void Frames_leave_in_order_and_their_senders_wait_when_the_ring_is_full()
    {
        using var machine = TulipMachine.Started();
        var contents = Enumerable.Range(0, 120).Select(i => machine.Bytes(60 + i)).ToList();
        var tasks = contents.ConvertAll(content => machine.Adapter.SendAsync(machine.Rent(content)).AsTask());
        var taken = tasks.Count(task => task.IsCompleted);
        Assert.Equal(62, taken);
        Assert.Equal(taken, tasks.TakeWhile(task => task.IsCompleted).Count());
        machine.Run(Task.WhenAll(tasks));
        machine.Settle();
        Assert.Equal(contents, machine.Wire);
        machine.AssertClean();
    }

    [Fact]
    public void A_batch_rings_once_and_ends_when_all_of_it_is_taken()
    {
        using var machine = TulipMachine.Started();
        var contents = Enumerable.Range(0, 100).Select(_ => machine.Bytes(100)).ToList();
        var frames = contents.Select(content => machine.Rent(content)).ToArray();
        var before = machine.Model.Accesses;
        var small = machine.Adapter.SendAsync(frames.AsMemory(0, 20));
        Assert.True(small.IsCompleted);
        Assert.Equal(1, machine.Model.Accesses - before);
        var large = machine.Adapter.SendAsync(frames.AsMemory(20));
        Assert.False(large.IsCompleted);
        Assert.True(machine.Run(large).IsSuccess);
        machine.Settle();
        Assert.Equal(contents, machine.Wire);
        machine.AssertClean();
    }

    [Theory]
    [InlineData(10, 3)]
    [InlineData(100, 80)]
    public void A_bad_frame_in_a_batch_stops_it_there(int count, int bad)
    {
        using var machine = TulipMachine.Started();
        var frames = Enumerable.Range(0, count).Select(i => machine.Rent(machine.Bytes(i == bad ? 10 : 100 + i, new MacAddress(0)))).ToArray();
        var result = machine.Run(machine.Adapter.SendAsync(frames));
        Assert.Equal(NetworkErrorKind.InvalidRequest, result.Error?.Kind);
        machine.Settle();
        Assert.Equal(Enumerable.Range(0, bad).Select(i => 100 + i), machine.Wire.Select(frame => frame.Length));
        AssertAllFramesAreBack(machine);
    }

    [Fact]
    public void A_sender_that_gives_up_takes_only_its_own_frame_out_of_the_queue()
    {
        using var machine = TulipMachine.Started();
        using var stop = new CancellationTokenSource();
        var tasks = Enumerable.Range(0, 80).Select(i => machine.Adapter.SendAsync(machine.Rent(machine.Bytes(60 + i)), i == 70 ? stop.Token : default).AsTask()).ToList();
        stop.Cancel();
        Assert.True(tasks[70].IsCanceled);
        tasks.RemoveAt(70);
        machine.Run(Task.WhenAll(tasks));
        machine.Settle();
        Assert.Equal(Enumerable.Range(0, 80).Where(i => i != 70).Select(i => 60 + i), machine.Wire.Select(frame => frame.Length));
        AssertAllFramesAreBack(machine);
    }

    [Fact]
    public void Who_wants_a_frame_waits_until_one_is_sent()
    {
        using var machine = TulipMachine.Started();
        var frames = new List<Frame>();
        while (machine.Adapter.TryRent(out var frame))
            frames.Add(frame);
        var first = machine.Adapter.RentAsync();
        var second = machine.Adapter.RentAsync();
        using var stop = new CancellationTokenSource();
        var third = machine.Adapter.RentAsync(stop.Token).AsTask();
        stop.Cancel();
        Assert.True(third.IsCanceled);
        Assert.False(first.IsCompleted);
        frames[0].Length = 60;
        machine.Run(machine.Adapter.SendAsync(frames[0]));
        Assert.Same(frames[0], machine.Run(first));
        frames[1].Release();
        Assert.Same(frames[1], machine.Run(second));
    }

    [Fact]
    public void Frames_are_given_back_without_an_interrupt_for_each()
    {
        using var machine = TulipMachine.Started();
        var before = machine.Adapter.RawCounters.Interrupts;
        for (var i = 0; i < 1000; i++)
        {
            machine.Run(machine.SendAsync(machine.Bytes(100)));
            machine.Clock.Advance(machine.Model.Options.TransmitTime * 2);
        }

        machine.Settle();
        Assert.Equal(1000, machine.Wire.Count);
        Assert.Equal(0, machine.Adapter.RawCounters.Interrupts - before);
        AssertAllFramesAreBack(machine);
    }

    [Fact]
    public void A_full_ring_takes_an_interrupt_for_many_frames()
    {
        using var machine = TulipMachine.Started();
        machine.Records = false;
        var before = machine.Adapter.RawCounters.Interrupts;
        machine.Run(SendMany());
        var perFrame = (machine.Adapter.RawCounters.Interrupts - before) / 5000.0;
        Assert.InRange(perFrame, 0.0, 0.15);

        async Task SendMany()
        {
            for (var i = 0; i < 5000; i++)
                await machine.SendAsync(machine.Bytes(60));
        }
    }

    private static void AssertAllFramesAreBack(TulipMachine machine)
    {
        var count = 0;
        var frames = new List<Frame>();
        while (machine.Adapter.TryRent(out var frame))
        {
            frames.Add(frame);
            count++;
        }

        frames.ForEach(frame => frame.Release());
        Assert.Equal(128, count);
    }
}
