using GuestOS.Drivers.Synthetic.Network;
using GuestOS.Machine.Network;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Network;

/// <summary>Several frames in one call: all have an end, whatever becomes of some.</summary>
public sealed class BatchTests
{
    private const int AllFrames = 128;

    [Fact]
    public void A_batch_is_taken_at_once_as_far_as_there_is_room_and_goes_in_order()
    {
        using var machine = NetworkMachine.Started();
        Assert.True(machine.Adapter.SendAsync(Batch(machine, AllFrames)).IsCompletedSuccessfully);
        machine.Settle();
        AssertSent(machine, AllFrames);
    }

    [Fact]
    public void A_batch_that_waits_goes_after_what_waited_before_and_before_what_comes_later()
    {
        using var machine = NetworkMachine.Started();
        machine.Run(machine.Adapter.QuiesceAsync()).ThrowIfFailed();
        var batch = Batch(machine, 42);
        var sends = new[]
        {
            machine.Adapter.SendAsync(batch[0]).AsTask(), machine.Adapter.SendAsync(batch.AsMemory(1, 20)).AsTask(), machine.Adapter.SendAsync(batch.AsMemory(21, 20)).AsTask(),
            machine.Adapter.SendAsync(batch[41]).AsTask(),
        };
        machine.Settle();
        Assert.All(sends, send => Assert.False(send.IsCompleted));
        machine.Run(machine.Adapter.ResumeAsync()).ThrowIfFailed();
        machine.Run(Task.WhenAll(sends));
        Assert.All(sends, send => Assert.True(send.Result.IsSuccess));
        machine.Settle();
        AssertSent(machine, 42);
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(false, 5)]
    [InlineData(true, 0)]
    [InlineData(true, 5)]
    public void A_bad_frame_stops_its_batch_there_and_those_before_it_are_sent(bool isHeld, int bad)
    {
        using var machine = NetworkMachine.Started();
        if (isHeld)
            machine.Run(machine.Adapter.QuiesceAsync()).ThrowIfFailed();
        var batch = Batch(machine, 10);
        batch[bad].Length = 13;
        var send = machine.Adapter.SendAsync(batch).AsTask();
        machine.Settle();
        Assert.Equal(!isHeld || bad == 0, send.IsCompleted);
        if (isHeld)
            machine.Run(machine.Adapter.ResumeAsync()).ThrowIfFailed();
        machine.Run(send);
        Assert.Equal(NetworkErrorKind.InvalidRequest, send.Result.Error?.Kind);
        machine.Settle();
        AssertSent(machine, bad);
    }

    [Fact]
    public void A_batch_that_is_given_up_while_it_waits_is_not_sent()
    {
        using var machine = NetworkMachine.Started();
        machine.Run(machine.Adapter.QuiesceAsync()).ThrowIfFailed();
        using var cancel = new CancellationTokenSource();
        var send = machine.Adapter.SendAsync(Batch(machine, 10), cancel.Token).AsTask();
        cancel.Cancel();
        Assert.True(send.IsCanceled);
        machine.Run(machine.Adapter.ResumeAsync()).ThrowIfFailed();
        machine.Settle();
        AssertSent(machine, 0);
    }

    [Fact]
    public void A_batch_for_an_adapter_that_is_gone_or_goes_fails_with_all_its_frames_back()
    {
        using var machine = NetworkMachine.Started();
        var adapter = machine.Adapter;
        machine.Run(adapter.QuiesceAsync()).ThrowIfFailed();
        var waiting = adapter.SendAsync(Batch(machine, 10)).AsTask();
        var (late, bad) = (Batch(machine, 10), Batch(machine, 10));
        bad[5].Length = 13;
        machine.DetachAll();
        Assert.Equal(NetworkErrorKind.Gone, waiting.Result.Error?.Kind);
        Assert.Equal(NetworkErrorKind.Gone, machine.Run(adapter.SendAsync(late)).Error?.Kind);
        Assert.Equal(NetworkErrorKind.InvalidRequest, machine.Run(adapter.SendAsync(bad)).Error?.Kind);
        machine.AssertClean();
        machine.AssertNothingLeft();
    }

    private static Frame[] Batch(NetworkMachine machine, int count) =>
        [.. Enumerable.Range(0, count).Select(i =>
        {
            var content = Frames.Random(machine.Random, 100, machine.Adapter.Address);
            content[14] = (byte)i;
            return machine.Rent(content);
        })];

    /// <summary>So many have arrived, in their order, and every frame can be had again.</summary>
    private static void AssertSent(NetworkMachine machine, int count)
    {
        Assert.Equal(Enumerable.Range(0, count), machine.Wire.Select(frame => (int)frame.Data[14]));
        Assert.Equal(count, machine.Adapter.Tally[NetvscTally.Counter.SentFrames]);
        var all = Enumerable.Range(0, AllFrames).Select(_ => machine.Rent(new byte[60])).ToList();
        all.ForEach(frame => frame.Release());
        machine.DetachAll();
        machine.AssertClean();
        machine.AssertNothingLeft();
    }
}
