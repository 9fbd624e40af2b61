using System.Text.Json.Nodes;
using GuestOS.Boot.Build;
using GuestOS.Boot.Hosts.Qemu;
using GuestOS.Boot.Smoke.Lab;

namespace GuestOS.Boot.Tests;

public sealed class QmpClientTests : IDisposable
{
    private readonly SocketPair _pair = new();
    private readonly QmpClient _client;
    private readonly Task _reading;

    public QmpClientTests()
    {
        _client = new QmpClient(_pair.Mine);
        _reading = _client.ReadAsync();
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _client.Dispose();
        _pair.Dispose();
    }

    [Fact]
    public async Task A_command_goes_out_with_its_arguments_and_gets_its_own_answer()
    {
        var first = _client.ExecuteAsync("balloon", new JsonObject { ["value"] = 134217728 }, Cancellation);
        Assert.Equal("""{"execute":"balloon","arguments":{"value":134217728},"id":"1"}""", await _pair.ReadLineAsync());
        var second = _client.ExecuteAsync("query-balloon", null, Cancellation);
        Assert.Equal("""{"execute":"query-balloon","id":"2"}""", await _pair.ReadLineAsync());
        _pair.Write("{\"return\":{\"actual\":5},\"id\":\"2\"}\n{\"return\":{},\"id\":\"1\"}\n");
        Assert.Equal(5, (await second).GetProperty("actual").GetInt64());
        await first;
    }

    [Fact]
    public async Task A_refusal_is_told_in_qemus_words()
    {
        var answer = _client.ExecuteAsync("query-balloon", null, Cancellation);
        await _pair.ReadLineAsync();
        _pair.Write("{\"error\":{\"class\":\"DeviceNotActive\",\"desc\":\"No balloon device has been activated\"},\"id\":\"1\"}\n");
        Assert.Equal("QEMU refuses: No balloon device has been activated", (await Assert.ThrowsAsync<ToolException>(() => answer)).Message);
    }

    [Fact]
    public async Task Events_are_kept_in_order_with_their_times_and_can_be_waited_for()
    {
        _pair.Write("{\"timestamp\":{\"seconds\":1000,\"microseconds\":250000},\"event\":\"STOP\"}\n");
        var stop = await _client.WaitForEventAsync("STOP", 0, Cancellation);
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(1000250), stop!.Time);
        Assert.Equal("STOP", stop.ToString());

        // The one that has come is not the one that is waited for.
        var next = _client.WaitForEventAsync("STOP", _client.Events.Count, Cancellation);
        var panic = _client.WaitForEventAsync("GUEST_PANICKED", 0, Cancellation);
        _pair.Write("{\"event\":\"GUEST_PANICKED\",\"data\":{\"action\":\"run\",\"info\":{\"type\":\"hyper-v\",\"arg1\":7}}}\n");
        Assert.Equal(7, (await panic)!.Data.GetProperty("info").GetProperty("arg1").GetInt64());
        Assert.False(next.IsCompleted);
        _pair.Write("{\"event\":\"STOP\"}\n");
        Assert.NotNull(await next);
        Assert.Equal(["STOP", "GUEST_PANICKED", "STOP"], _client.Events.Select(item => item.Name));
    }

    [Fact]
    public async Task The_hosts_time_is_that_of_the_event_which_was_asked_for()
    {
        var time = _client.ReadTimeAsync(Cancellation);
        Assert.Contains("\"job-id\":\"time0\"", await _pair.ReadLineAsync(), StringComparison.Ordinal);
        _pair.Write("{\"timestamp\":{\"seconds\":1,\"microseconds\":0},\"event\":\"JOB_STATUS_CHANGE\",\"data\":{\"status\":\"null\",\"id\":\"other\"}}\n");
        _pair.Write("{\"timestamp\":{\"seconds\":2,\"microseconds\":5},\"event\":\"JOB_STATUS_CHANGE\",\"data\":{\"status\":\"created\",\"id\":\"time0\"}}\n");
        _pair.Write("{\"timestamp\":{\"seconds\":3,\"microseconds\":0},\"event\":\"JOB_STATUS_CHANGE\",\"data\":{\"status\":\"running\",\"id\":\"time0\"}}\n");
        _pair.Write("{\"return\":{},\"id\":\"1\"}\n");
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(2).AddMicroseconds(5), await time);
    }

    [Fact]
    public async Task The_end_of_the_machine_ends_every_wait()
    {
        var answer = _client.ExecuteAsync("cont", null, Cancellation);
        await _pair.ReadLineAsync();
        var waiting = _client.WaitForEventAsync("RESET", 0, Cancellation);
        Assert.False(_client.HasEnded);
        _pair.Theirs.Close();
        await _reading;
        Assert.True(_client.HasEnded);
        Assert.Null(await waiting);
        Assert.Contains("has ended", (await Assert.ThrowsAsync<ToolException>(() => answer)).Message, StringComparison.Ordinal);
        Assert.Contains("cont", (await Assert.ThrowsAsync<ToolException>(() => _client.ExecuteAsync("cont", null, Cancellation))).Message, StringComparison.Ordinal);
        Assert.Null(await _client.WaitForEventAsync("RESET", 0, Cancellation));
    }

    [Theory]
    [InlineData("no json\n")]
    [InlineData("{\"event\":5}\n")]
    [InlineData("[]\n")]
    [InlineData("{\"id\":\"1\"}\n")]
    public async Task Nonsense_ends_the_connection_and_nothing_else(string nonsense)
    {
        var answer = _client.ExecuteAsync("cont", null, Cancellation);
        await _pair.ReadLineAsync();
        _pair.Write(nonsense);
        await _reading;
        Assert.Contains("protocol", (await Assert.ThrowsAsync<ToolException>(() => answer)).Message, StringComparison.Ordinal);
    }
}
