using System.Runtime.InteropServices;
using System.Text;
using GuestOS.Machine;
using GuestOS.Sandbox.Scheduling;
using GuestOS.Services.Frame;
using GuestOS.Services.Protocol;
using GuestOS.Services.Shutdown;
using GuestOS.Testing;
using GuestOS.Testing.Guests;
using Xunit;

namespace GuestOS.Services.Tests;

public sealed class ShutdownTests
{
    private readonly ManualTimeProvider _clock = new(1);
    private readonly FakePower _power = new();
    private readonly ListLog _log = new();
    private readonly ShutdownService _service;
    private readonly FrameHarness _harness;

    public ShutdownTests()
    {
        _service = new ShutdownService(_power, new SimulatedExecutor(_clock), _clock, _log);
        _harness = new FrameHarness(_service, new IcVersion(3, 2));
    }

    [Theory]
    [InlineData(ShutdownFlags.None, "PowerOff")]
    [InlineData(ShutdownFlags.Force, "PowerOff")]
    [InlineData(ShutdownFlags.Restart, "Restart")]
    [InlineData(ShutdownFlags.Restart | ShutdownFlags.Force, "Restart")]
    public void Disks_are_flushed_then_the_host_is_answered_then_the_machine_ends(ShutdownFlags flags, string end)
    {
        IcStatus? answeredBeforeEnd = null;
        _power.Flush = _ =>
        {
            Assert.Null(_harness.Deferred);
            return ValueTask.CompletedTask;
        };
        Ask(flags);
        answeredBeforeEnd = _harness.Deferred;
        Assert.Equal(IcStatus.Success, answeredBeforeEnd);
        Assert.Equal(["flush", end], _power.Calls);
    }

    [Fact]
    public void Handlers_are_asked_last_one_first_with_what_the_host_said()
    {
        List<string> asked = [];
        _service.Handlers.Add("first", (request, _) => Note("first " + request.Text));
        _service.Handlers.Add("second", (request, _) => Note("second " + request.Deadline.TotalSeconds));
        Ask(ShutdownFlags.None, 17, "Größe 漢字");
        Assert.Equal(["second 17", "first Größe 漢字"], asked);

        ValueTask<bool> Note(string text)
        {
            asked.Add(text);
            return ValueTask.FromResult(true);
        }
    }

    [Fact]
    public void A_handler_may_refuse_and_the_machine_goes_on()
    {
        _service.Handlers.Add("database", (_, _) => ValueTask.FromResult(false));
        Ask(ShutdownFlags.None);
        Assert.Equal(IcStatus.Fail, _harness.Deferred);
        Assert.Empty(_power.Calls);
        Assert.Contains(_log.Lines, line => line.Text == "database refuses to let the machine go down");
    }

    [Fact]
    public void Nobody_refuses_a_forced_request()
    {
        _service.Handlers.Add("database", (_, _) => ValueTask.FromResult(false));
        Ask(ShutdownFlags.Force);
        Assert.Equal(IcStatus.Success, _harness.Deferred);
        Assert.Equal(["flush", "PowerOff"], _power.Calls);
    }

    [Fact]
    public void A_handler_that_hangs_is_left_behind_at_the_deadline()
    {
        _service.Handlers.Add("reached", (_, _) => throw new InvalidOperationException("a handler behind a hanging one is not asked"));
        _service.Handlers.Add("hangs", async (_, _) =>
        {
            await new TaskCompletionSource().Task;
            return true;
        });
        Ask(ShutdownFlags.None, seconds: 20);
        Assert.Null(_harness.Deferred);
        _clock.Advance(TimeSpan.FromSeconds(19));
        Assert.Null(_harness.Deferred);
        _clock.Advance(TimeSpan.FromSeconds(1));
        SpinWait.SpinUntil(() => _harness.Deferred is not null);
        Assert.Equal(IcStatus.Success, _harness.Deferred);
        Assert.Contains(_log.Lines, line => line.Text.StartsWith("the shutdown handler hangs was not done within 20 s", StringComparison.Ordinal));
    }

    [Fact]
    public void A_handler_that_throws_is_named_and_does_not_stop_the_shutdown()
    {
        _service.Handlers.Add("broken", (_, _) => throw new InvalidOperationException("no such table"));
        Ask(ShutdownFlags.None);
        Assert.Equal(IcStatus.Success, _harness.Deferred);
        Assert.Contains((LogLevel.Error, "the shutdown handler broken failed: no such table"), _log.Lines);
    }

    [Fact]
    public void A_disk_that_does_not_flush_does_not_keep_the_machine_on()
    {
        _power.Flush = async token => await Task.Delay(Timeout.InfiniteTimeSpan, _clock, token);
        Ask(ShutdownFlags.None);
        Assert.Null(_harness.Deferred);
        _clock.Advance(TimeSpan.FromSeconds(60));
        SpinWait.SpinUntil(() => _harness.Deferred is not null);
        Assert.Equal(["flush", "PowerOff"], _power.Calls);
        Assert.Contains(_log.Lines, line => line.Level == LogLevel.Error);
    }

    [Fact]
    public void A_flush_that_fails_keeps_the_machine_up_and_the_next_request_is_taken_again()
    {
        _power.Flush = _ => throw new IOException("the disk is gone");
        Ask(ShutdownFlags.None);
        Assert.Equal(IcStatus.Fail, _harness.Deferred);
        Assert.Equal(["flush"], _power.Calls);
        Assert.Contains((LogLevel.Error, "the machine cannot go down: the disk is gone"), _log.Lines);
        _power.Flush = _ => ValueTask.CompletedTask;
        Ask(ShutdownFlags.Restart);
        Assert.Equal(IcStatus.Success, _harness.Deferred);
        Assert.Equal(["flush", "flush", "Restart"], _power.Calls);
    }

    [Theory]
    [InlineData(ShutdownFlags.Hibernate, IcStatus.NotSupported)]
    [InlineData(ShutdownFlags.Hibernate | ShutdownFlags.Force, IcStatus.NotSupported)]
    [InlineData(ShutdownFlags.Hibernate | ShutdownFlags.Restart, IcStatus.Fail)]
    [InlineData((ShutdownFlags)8, IcStatus.Fail)]
    [InlineData((ShutdownFlags)0xFFFFFFFF, IcStatus.Fail)]
    public void What_is_not_understood_is_answered_and_does_nothing(ShutdownFlags flags, IcStatus status)
    {
        Assert.Equal(status, Ask(flags).Status);
        Assert.Empty(_power.Calls);
    }

    [Fact]
    public void A_request_cut_short_fails()
    {
        for (var length = 0; length < 12; length++)
            Assert.Equal(IcStatus.Fail, _harness.Request(new byte[length]).Status);
    }

    [Fact]
    public void Text_without_an_end_is_ended()
    {
        var text = "";
        _service.Handlers.Add("reads", (request, _) =>
        {
            text = request.Text;
            return ValueTask.FromResult(true);
        });
        Ask(ShutdownFlags.None, text: new string('x', 1024 + 50));
        Assert.Equal(new string('x', 1024), text);
    }

    private (IcFrameOutcome Outcome, IcStatus Status, byte[] Body) Ask(ShutdownFlags flags, uint seconds = 60, string text = "")
    {
        var body = new byte[12 + Math.Max(2048, text.Length * 2)];
        var head = new ShutdownBody { Reason = 0x8000_0000, TimeoutSeconds = seconds, Flags = flags };
        MemoryMarshal.Write(body, in head);
        Encoding.Unicode.GetBytes(text).CopyTo(body, 12);
        var result = _harness.Request(body);
        _clock.Advance(TimeSpan.Zero);
        return result;
    }
}
