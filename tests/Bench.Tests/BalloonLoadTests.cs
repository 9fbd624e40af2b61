using System.Text.Json;
using GuestOS.Bench.Runs;
using GuestOS.Boot.Build;
using GuestOS.Boot.Hosts.Qemu;
using GuestOS.Boot.Smoke.Lab;
using GuestOS.Boot.Tests;

namespace GuestOS.Bench.Tests;

/// <summary>The balloon's speed, against a monitor that the test plays.</summary>
public sealed class BalloonLoadTests : IDisposable
{
    private const long Whole = 1024L << 20;
    private const string Idle = "7@1.5:hv_balloon_state_change -> S_IDLE";
    private readonly SocketPair _pair = new();
    private readonly QmpClient _client;
    private readonly StepClock _clock = new();
    private readonly List<long> _targets = [];
    private readonly List<string> _commands = [];
    private readonly TaskCompletionSource<string> _traced = new();
    private string? _refusal;
    private volatile string _messages = Idle;

    public BalloonLoadTests()
    {
        _client = new QmpClient(_pair.Mine);
        _ = _client.ReadAsync();
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _client.Dispose();
        _pair.Dispose();
    }

    [Fact]
    public async Task A_round_is_timed_until_the_guest_has_answered()
    {
        // The pages of a deflation count at once; the answer to them is slow.
        var playing = PlayAsync(target => TimeSpan.FromSeconds(target == Whole ? 0 : 2), TimeSpan.FromSeconds(4));
        var round = await Load().RunAsync(Cancellation);
        Assert.Equal(new BalloonRound(256, 128), round);
        Assert.Equal([Whole / 2, Whole], _targets);
        _pair.Theirs.Close();
        await playing;
    }

    [Fact]
    public async Task The_first_round_asks_for_the_trace_and_waits_until_the_device_makes_requests()
    {
        _messages = "";
        var playing = PlayAsync(_ => TimeSpan.Zero, TimeSpan.FromSeconds(1));
        var prepared = Load().PrepareAsync(Cancellation);
        Assert.Equal(MemoryDevice.StateTrace, await _traced.Task.WaitAsync(Cancellation));
        Assert.Empty(_targets);
        _messages = Idle;
        await prepared;
        Assert.Equal([Whole / 2, Whole], _targets);
        _pair.Theirs.Close();
        await playing;
    }

    [Fact]
    public async Task A_target_is_set_while_the_processors_are_stopped()
    {
        var playing = PlayAsync(_ => TimeSpan.Zero, TimeSpan.Zero);
        await Load().RunAsync(Cancellation);
        Assert.Equal(["stop", "balloon", "cont", "stop", "balloon", "cont"], _commands.Where(command => command != "query-balloon"));
        _pair.Theirs.Close();
        await playing;
    }

    [Fact]
    public async Task A_target_that_is_refused_leaves_the_processors_running()
    {
        _refusal = "no";
        var playing = PlayAsync(_ => TimeSpan.Zero, TimeSpan.Zero);
        Assert.Contains("no", (await Assert.ThrowsAsync<ToolException>(() => Load().RunAsync(Cancellation))).Message, StringComparison.Ordinal);
        Assert.Equal(["stop", "balloon", "cont"], _commands);
        _pair.Theirs.Close();
        await playing;
    }

    [Fact]
    public async Task A_guest_that_never_gets_there_is_an_error_with_both_sizes()
    {
        var playing = PlayAsync(_ => TimeSpan.MaxValue, TimeSpan.Zero);
        var error = await Assert.ThrowsAsync<ToolException>(() => Load().RunAsync(Cancellation));
        Assert.StartsWith("QEMU counts 1073741824 bytes to the guest after 90 s, not the 536870912 that", error.Message, StringComparison.Ordinal);
        _pair.Theirs.Close();
        await playing;
    }

    [Fact]
    public async Task A_machine_that_ends_is_an_error()
    {
        _pair.Theirs.Close();
        await Assert.ThrowsAsync<ToolException>(() => Load().RunAsync(Cancellation));
    }

    private BalloonLoad Load() => new(_client, () => _messages, new HyperVPlan(1024, 1, 1), _clock);

    /// <summary>
    /// Answers until the connection ends: a target is reached after the time that it takes, and a deflation is answered after another. Each
    /// question before that takes a second.
    /// </summary>
    private async Task PlayAsync(Func<long, TimeSpan> timeOf, TimeSpan answerTime)
    {
        long target = Whole, actual = target;
        var asked = TimeSpan.Zero;
        var isAnswered = true;
        try
        {
            while (await _pair.ReadLineAsync() is { } line)
            {
                using var document = JsonDocument.Parse(line);
                var command = document.RootElement;
                var answer = "{}";
                var name = command.GetProperty("execute").GetString()!;
                _commands.Add(name);
                switch (name)
                {
                    case "balloon" when _refusal is not null:
                        _pair.Write($$"""{"error":{"class":"GenericError","desc":"{{_refusal}}"},"id":{{command.GetProperty("id").GetRawText()}}}""" + "\n");
                        continue;
                    case "balloon":
                        target = command.GetProperty("arguments").GetProperty("value").GetInt64();
                        _targets.Add(target);
                        asked = _clock.Now;
                        isAnswered = target != Whole;
                        if (!isAnswered)
                            _messages += "\n7@1.5:hv_balloon_state_change -> S_UNBALLOON_REPLY_WAIT";
                        break;
                    case "trace-event-set-state":
                        _traced.SetResult(command.GetProperty("arguments").GetProperty("name").GetString()!);
                        break;
                    case "stop" or "cont":
                        break;
                    default:
                        var elapsed = _clock.Now - asked;
                        if (elapsed >= timeOf(target))
                            actual = target;
                        if (!isAnswered && elapsed >= answerTime)
                        {
                            isAnswered = true;
                            _messages += Idle + "\n7@1.7:another_event\n";
                        }

                        answer = $$"""{"actual":{{actual}}}""";
                        if (actual != target || !isAnswered)
                            _clock.Now += TimeSpan.FromSeconds(1);
                        break;
                }

                _pair.Write($$"""{"return":{{answer}},"id":{{command.GetProperty("id").GetRawText()}}}""" + "\n");
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or System.Net.Sockets.SocketException)
        {
            // The test closes the connection.
        }
    }

    private sealed class StepClock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
