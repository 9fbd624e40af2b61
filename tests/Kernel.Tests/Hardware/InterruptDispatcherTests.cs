using GuestOS.Kernel.Core;
using GuestOS.Kernel.Hardware;
using GuestOS.Kernel.Tests.Fakes;
using GuestOS.Machine;

namespace GuestOS.Kernel.Tests.Hardware;

public sealed class InterruptDispatcherTests
{
    private const InterruptFlags Shared = InterruptFlags.Level | InterruptFlags.ActiveLow;

    private readonly FakeInterruptController _controller = new();
    private readonly RecordingLog _log = new();
    private readonly InterruptDispatcher _dispatcher;

    public InterruptDispatcherTests() => _dispatcher = new InterruptDispatcher(_controller, _log);

    [Fact]
    public void A_raised_interrupt_runs_its_handler_on_a_raised_thread()
    {
        using InterruptGrant grant = _dispatcher.OpenLine(14, InterruptFlags.Isa);
        using var ran = new SemaphoreSlim(0);
        grant.Connect(() =>
        {
            ran.Release();
            return InterruptResult.Handled;
        });
        for (int i = 0; i < 3; i++)
        {
            _controller.Raise(1);
            ran.Wait();
        }

        Assert.Equal("IRQ 14", grant.Name);
        Assert.Equal(1, _controller.RaisedThreads);
        Assert.Equal([(14, InterruptFlags.Isa)], _controller.Opened);
    }

    [Fact]
    public void All_handlers_of_a_shared_line_run_and_it_closes_with_the_last_grant()
    {
        using InterruptGrant first = _dispatcher.OpenLine(17, Shared);
        using InterruptGrant second = _dispatcher.OpenLine(17, Shared);
        using var ran = new CountdownEvent(2);
        first.Connect(() => Signal(ran, InterruptResult.NotMine));
        second.Connect(() => Signal(ran, InterruptResult.Handled));
        _controller.WaitUntilIdle(1);
        _controller.Raise(1);
        ran.Wait();

        Assert.Single(_controller.Opened);
        first.Dispose();
        Assert.False(_controller.IsClosed(1));
        second.Dispose();
        Assert.True(_controller.IsClosed(1));
    }

    [Fact]
    public void A_line_cannot_be_shared_with_another_trigger()
    {
        using InterruptGrant grant = _dispatcher.OpenLine(11, Shared | InterruptFlags.Isa);
        Assert.Throws<InvalidOperationException>(() => _dispatcher.OpenLine(11, InterruptFlags.Isa));
    }

    [Fact]
    public async Task After_disconnect_the_handler_does_not_run_again()
    {
        using InterruptGrant grant = _dispatcher.OpenLine(5, InterruptFlags.Isa);
        using var entered = new ManualResetEventSlim();
        using var leave = new ManualResetEventSlim();
        int runs = 0;
        grant.Connect(() =>
        {
            runs++;
            entered.Set();
            leave.Wait();
            return InterruptResult.Handled;
        });
        _controller.Raise(1);
        entered.Wait();
        var disconnect = Task.Run(grant.Disconnect);
        Assert.False(disconnect.IsCompleted);
        leave.Set();
        await disconnect;
        Assert.Equal(1, runs);

        // Whether or not the line's thread was waiting already: what comes without a handler is for the next one.
        _controller.Raise(1);
        using var again = new ManualResetEventSlim();
        grant.Connect(() =>
        {
            again.Set();
            return InterruptResult.Handled;
        });
        again.Wait();
        Assert.Equal(1, runs);
        grant.Disconnect();
        grant.Disconnect();
    }

    [Fact]
    public void A_handler_may_disconnect_itself()
    {
        using InterruptGrant grant = _dispatcher.OpenLine(5, InterruptFlags.Isa);
        using var done = new ManualResetEventSlim();
        grant.Connect(() =>
        {
            grant.Disconnect();
            done.Set();
            return InterruptResult.Handled;
        });
        _controller.Raise(1);
        done.Wait();
        grant.Connect(() => InterruptResult.Handled);
    }

    [Fact]
    public void A_second_handler_is_refused()
    {
        using InterruptGrant grant = _dispatcher.OpenLine(5, InterruptFlags.Isa);
        grant.Connect(() => InterruptResult.Handled);
        Assert.Throws<InvalidOperationException>(() => grant.Connect(() => InterruptResult.Handled));
    }

    [Fact]
    public async Task A_throwing_handler_is_disconnected_and_reported_and_others_go_on()
    {
        var failure = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        using InterruptGrant bad = _dispatcher.OpenLine(17, Shared, failure.SetResult);
        using InterruptGrant good = _dispatcher.OpenLine(17, Shared);
        using var ran = new SemaphoreSlim(0);
        bad.Connect(() => throw new InvalidOperationException("broken"));
        good.Connect(() =>
        {
            ran.Release();
            return InterruptResult.Handled;
        });
        _controller.WaitUntilIdle(1);
        _controller.Raise(1);
        ran.Wait();
        Assert.Equal("broken", (await failure.Task).Message);
        _controller.Raise(1);
        ran.Wait();
        Assert.True(_log.Has(LogLevel.Error, "GSI 17"));
    }

    [Fact]
    public void A_line_that_nobody_claims_is_switched_off_after_a_bounded_storm()
    {
        using InterruptGrant grant = _dispatcher.OpenLine(17, Shared);
        int runs = 0;
        grant.Connect(() =>
        {
            runs++;
            return InterruptResult.NotMine;
        });
        _controller.Storm(1);
        SpinWait.SpinUntil(() => _controller.IsClosed(1));
        Assert.Equal(InterruptLine.UnclaimedLimit, runs);
        Assert.True(_log.Has(LogLevel.Error, "no driver claims"));
    }

    [Fact]
    public void Messages_have_lines_of_their_own()
    {
        using InterruptGrant first = _dispatcher.OpenMessage(out ulong address, out uint data);
        using InterruptGrant second = _dispatcher.OpenMessage(out _, out uint other);
        Assert.Equal(0xFEE0_0000u, address);
        Assert.NotEqual(data, other);
        Assert.Equal("MSI 0x51", first.Name);
        Assert.Equal(2, _controller.OpenCount);
        first.Dispose();
        Assert.Equal(1, _controller.OpenCount);
    }

    private static InterruptResult Signal(CountdownEvent ran, InterruptResult result)
    {
        ran.Signal();
        return result;
    }
}
