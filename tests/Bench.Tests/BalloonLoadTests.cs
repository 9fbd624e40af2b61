using System.Text.Json;
using GuestOS.Bench.Runs;
using GuestOS.Boot.Build;
using GuestOS.Boot.Hosts.Qemu;
using GuestOS.Boot.Tests;

namespace GuestOS.Bench.Tests;

/// <summary>The balloon's speed, against a monitor that the test plays.</summary>
public sealed class BalloonLoadTests : IDisposable
{
    private const long MiB = 1 << 20;
    private readonly SocketPair _pair = new();
    private readonly QmpClient _client;
    private readonly StepClock _clock = new();
    private readonly List<long> _targets = [];

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
    public async Task A_round_is_timed_until_the_guest_has_served_what_follows_the_deflation()
    {
        // The pages of a deflation count at once; the guest is slow with them, which shows in the request after it.
        var playing = PlayAsync(target => TimeSpan.FromSeconds(target switch { 512 * MiB => 2, 1024 * MiB => 0, _ => 4 }));
        var round = await new BalloonLoad(_client, 1024, 512, _clock).RunAsync(Cancellation);
        Assert.Equal(new BalloonRound(256, 128), round);
        Assert.Equal([512 * MiB, 1024 * MiB, (1024 * MiB) - 4096], _targets);
        _pair.Theirs.Close();
        await playing;
    }

    [Fact]
    public async Task A_guest_that_never_gets_there_is_an_error_with_both_sizes()
    {
        var playing = PlayAsync(_ => TimeSpan.MaxValue);
        var error = await Assert.ThrowsAsync<ToolException>(() => new BalloonLoad(_client, 1024, 512, _clock).RunAsync(Cancellation));
        Assert.Equal("QEMU counts 1073741824 bytes to the guest after 90 s, not the 536870912 that it was to be left with.", error.Message);
        _pair.Theirs.Close();
        await playing;
    }

    /// <summary>Answers until the connection ends: each question takes a second, and a target is reached after the time that it takes.</summary>
    private async Task PlayAsync(Func<long, TimeSpan> timeOf)
    {
        long target = 1024 * MiB, actual = target;
        var asked = TimeSpan.Zero;
        try
        {
            while (await _pair.ReadLineAsync() is { } line)
            {
                using var document = JsonDocument.Parse(line);
                var command = document.RootElement;
                var answer = "{}";
                if (command.GetProperty("execute").GetString() == "balloon")
                {
                    target = command.GetProperty("arguments").GetProperty("value").GetInt64();
                    _targets.Add(target);
                    asked = _clock.Now;
                }
                else
                {
                    if (_clock.Now - asked >= timeOf(target))
                        actual = target;
                    answer = $$"""{"actual":{{actual}}}""";
                    if (actual != target)
                        _clock.Now += TimeSpan.FromSeconds(1);
                }

                _pair.Write($$"""{"return":{{answer}},"id":{{command.GetProperty("id").GetRawText()}}}""" + "\n");
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
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
