using GuestOS.Machine.Network;
using Xunit;

namespace GuestOS.Drivers.Tulip.Tests;

public sealed class QuiesceTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_was_taken_leaves_what_comes_later_waits_and_goes_first_afterwards(bool suspend)
    {
        using var machine = TulipMachine.Started();
        var contents = Enumerable.Range(0, 60).Select(i => machine.Bytes(100 + i)).ToList();
        var first = contents.Take(40).Select(machine.SendAsync).ToList();
        Assert.All(first, task => Assert.True(task.IsCompleted));
        var quiesce = suspend ? machine.Instance.SuspendAsync(default).AsTask() : machine.Adapter.QuiesceAsync().AsTask();
        var later = contents.Skip(40).Take(10).Select(machine.SendAsync).ToList();
        machine.Run(quiesce);
        Assert.Equal(40, machine.Wire.Count);
        Assert.DoesNotContain(later, task => task.IsCompleted);

        // The chip is silent: it receives nothing, and no time brings anything.
        Assert.False(machine.Model.Deliver(machine.ToMe(100)));
        machine.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(40, machine.Wire.Count);
        later.AddRange(contents.Skip(50).Select(machine.SendAsync));

        if (suspend)
            machine.Run(machine.Instance.ResumeAsync(default));
        else
            Assert.True(machine.Run(machine.Adapter.ResumeAsync()).IsSuccess);
        machine.Run(Task.WhenAll(later));
        machine.Settle();
        Assert.Equal(contents, machine.Wire);
        Assert.True(machine.Model.Deliver(machine.ToMe(100)));
        machine.Settle();
        Assert.Single(machine.TakeReceived());
        machine.AssertClean();
    }

    [Fact]
    public void What_was_received_before_can_still_be_taken()
    {
        using var machine = TulipMachine.Started();
        for (var i = 0; i < 10; i++)
            machine.Model.Deliver(machine.ToMe(100 + i));
        Assert.True(machine.Run(machine.Adapter.QuiesceAsync()).IsSuccess);
        Assert.Equal(Enumerable.Range(100, 10), machine.TakeReceived().Select(frame => frame.Length));
    }

    [Fact]
    public void A_filter_that_is_set_meanwhile_is_in_force_afterwards()
    {
        using var machine = TulipMachine.Started();
        Assert.True(machine.Run(machine.Adapter.QuiesceAsync()).IsSuccess);
        var group = new MacAddress(0x0180_C200_000E);
        Assert.True(machine.Run(machine.Adapter.SetFilterAsync(new ReceiveFilter { Multicast = [group] })).IsSuccess);
        Assert.True(machine.Run(machine.Adapter.ResumeAsync()).IsSuccess);
        machine.Settle();
        Assert.True(machine.Model.Deliver(machine.Bytes(64, group)));
    }

    [Fact]
    public void Two_holds_end_with_the_second_one()
    {
        using var machine = TulipMachine.Started();
        Assert.True(machine.Run(machine.Adapter.QuiesceAsync()).IsSuccess);
        machine.Run(machine.Instance.SuspendAsync(default));
        Assert.True(machine.Run(machine.Adapter.ResumeAsync()).IsSuccess);
        var send = machine.SendAsync(machine.Bytes(100));
        machine.Settle();
        Assert.False(send.IsCompleted);
        machine.Run(machine.Instance.ResumeAsync(default));
        machine.Run(send);
        machine.Settle();
        Assert.Single(machine.Wire);
    }

    [Fact]
    public void A_quiesce_that_is_given_up_leaves_the_adapter_running()
    {
        using var machine = TulipMachine.Started();
        machine.Model.Faults.TransmitHangs = true;
        var send = machine.SendAsync(machine.Bytes(100));
        using var stop = new CancellationTokenSource();
        var quiesce = machine.Adapter.QuiesceAsync(stop.Token).AsTask();
        stop.Cancel();
        machine.RunUntil(() => quiesce.IsCompleted);
        Assert.True(quiesce.IsCanceled);
        machine.Model.Faults.TransmitHangs = false;
        machine.Run(send);
        machine.Run(machine.SendAsync(machine.Bytes(200)));
        machine.Clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal([100, 200], machine.Wire.Select(frame => frame.Length));
    }

    [Fact]
    public void An_adapter_that_vanishes_ends_the_wait()
    {
        using var machine = TulipMachine.Started();
        machine.Model.Faults.TransmitHangs = true;
        machine.Run(machine.SendAsync(machine.Bytes(100)));
        var quiesce = machine.Adapter.QuiesceAsync().AsTask();
        machine.Model.Faults.Vanished = true;
        machine.RunUntil(() => quiesce.IsCompleted);
        Assert.Equal(NetworkErrorKind.Gone, quiesce.Result.Error?.Kind);
    }
}
