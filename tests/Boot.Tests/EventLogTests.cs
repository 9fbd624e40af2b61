using GuestOS.Boot.Events;
using GuestOS.Boot.Hosts;

namespace GuestOS.Boot.Tests;

public sealed class EventLogTests
{
    [Fact]
    public async Task A_waiter_gets_the_event_that_came_before_and_the_one_that_comes_after()
    {
        var log = new EventLog();
        log.Feed("{\"t\":1,\"event\":\"boot\"}\n"u8);
        Assert.Equal("boot", (await log.WaitAsync(e => e.Kind == "boot", TestContext.Current.CancellationToken))!.Kind);

        var later = log.WaitAsync(e => e.Kind == "ready", TestContext.Current.CancellationToken);
        Assert.False(later.IsCompleted);
        log.Feed("{\"t\":2,\"event\":\"ready\"}\n"u8);
        Assert.Equal(2UL, (await later)!.Time);
    }

    [Fact]
    public async Task The_end_of_the_log_frees_who_still_waits()
    {
        var log = new EventLog();
        var waiting = log.WaitAsync(e => e.Kind == "ready", TestContext.Current.CancellationToken);
        log.Feed("{\"t\":2,\"event\":\"poweroff\"}"u8);
        log.Complete();
        Assert.Null(await waiting);
        Assert.Null(await log.WaitAsync(e => e.Kind == "ready", TestContext.Current.CancellationToken));
        Assert.Single(log.Of("poweroff"));
    }

    [Fact]
    public async Task A_wait_can_be_given_up()
    {
        using var source = new CancellationTokenSource();
        var waiting = new EventLog().WaitAsync(_ => true, source.Token);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task Console_text_is_found_across_chunks_and_not_before_the_given_place()
    {
        var console = new GuestConsole((_, _) => ValueTask.CompletedTask);
        var waiting = console.WaitForAsync("guestos>", 0, TestContext.Current.CancellationToken);
        console.Feed("boot gues"u8.ToArray());
        Assert.False(waiting.IsCompleted);
        console.Feed("tos> "u8.ToArray());
        var end = await waiting;
        Assert.Equal("boot guestos>".Length, end);

        var again = console.WaitForAsync("guestos>", end, TestContext.Current.CancellationToken);
        Assert.False(again.IsCompleted);
        console.Complete();
        Assert.Equal(-1, await again);
    }

    [Fact]
    public void The_document_describes_every_kind_and_knows_what_is_not_in_it()
    {
        var document = EventDocument.Load(Build.Repository.Find());
        string[] kinds =
        [
            "boot", "hypervisor", "runtime", "device", "vmbus", "disk", "native", "nic", "balloon", "handoff", "service", "ready", "option", "panic", "poweroff",
            "hash", "pattern", "atabench", "link", "atapi", "soak", "processors", "clock", "clockmark", "timers", "idle", "wallclock", "balloontest", "touch", "exit",
        ];
        Assert.Equal(kinds.Order(), document.Kinds.Order());
        Assert.Null(document.Verify(EventLogParser.ParseLine("{\"t\":1,\"event\":\"handoff\",\"from\":\"a\",\"to\":\"b\"}"u8)!));
        Assert.Contains("extra", document.Verify(EventLogParser.ParseLine("{\"t\":1,\"event\":\"ready\",\"extra\":1}"u8)!), StringComparison.Ordinal);
        Assert.Contains("unheard", document.Verify(EventLogParser.ParseLine("{\"t\":1,\"event\":\"unheard\"}"u8)!), StringComparison.Ordinal);
    }
}
