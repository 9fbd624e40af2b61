using System.Net;
using System.Net.Sockets;
using GuestOS.Boot.Build;
using GuestOS.Boot.Hosts.Lab;

namespace GuestOS.Boot.Tests;

/// <summary>Talk with the agent in the lab's machine, played by the test.</summary>
public sealed class LabAgentTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly LabAgent _agent;

    public LabAgentTests()
    {
        _listener.Start();
        _agent = new LabAgent(((IPEndPoint)_listener.LocalEndpoint).Port, "secret");
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _listener.Dispose();

    [Theory]
    [InlineData("secret pong 3\n", 3)]
    [InlineData("secret pong\n", null)]
    [InlineData("other pong 3\n", null)]
    [InlineData("", null)]
    public async Task Only_the_right_answer_counts(string answer, int? guests)
    {
        var asking = _agent.CountGuestsAsync(Patience, Cancellation);
        await AnswerAsync("ping", answer);
        Assert.Equal(guests, await asking);
    }

    [Fact]
    public async Task Nobody_there_is_no_answer()
    {
        _listener.Stop();
        Assert.Null(await _agent.CountGuestsAsync(Patience, Cancellation));
        var error = await Assert.ThrowsAsync<ToolException>(() => _agent.StartAsync("g", Cancellation));
        Assert.Contains($"port {_agent.Port}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_status_comes_last_and_everything_before_it_is_qemus()
    {
        var process = await _agent.StartAsync("g", Cancellation);
        await AnswerAsync("start g", "qemu: exit 3\nqemu: no such device\nsecret exit 33\n");
        Assert.Equal(33, await process.Exited.WaitAsync(Cancellation));
        Assert.Equal("qemu: exit 3\nqemu: no such device", process.Errors);
        await process.KillAsync();
    }

    [Fact]
    public async Task A_lost_lab_ends_its_guests_with_a_word_about_it()
    {
        var process = await _agent.StartAsync("g", Cancellation);
        await AnswerAsync("start g", "qemu: hello\n");
        Assert.Equal(LabProcess.Lost, await process.Exited.WaitAsync(Cancellation));
        Assert.Equal("qemu: hello\nthe lab's machine has ended", process.Errors);
        await process.KillAsync();
    }

    [Fact]
    public async Task Ending_a_guest_closes_one_direction_and_waits_for_the_status()
    {
        var process = await _agent.StartAsync("g", Cancellation);
        using var socket = await _listener.AcceptSocketAsync(Cancellation);
        using var reader = new StreamReader(new NetworkStream(socket));
        Assert.Equal("secret", await reader.ReadLineAsync(Cancellation));
        Assert.Equal("start g", await reader.ReadLineAsync(Cancellation));
        var ending = process.TerminateAsync();
        Assert.Null(await reader.ReadLineAsync(Cancellation));
        await socket.SendAsync("secret exit 137\n"u8.ToArray(), Cancellation);
        await ending;
        Assert.Equal(137, await process.Exited.WaitAsync(Cancellation));
        await process.KillAsync();
    }

    private async Task AnswerAsync(string request, string answer)
    {
        using var socket = await _listener.AcceptSocketAsync(Cancellation);
        var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream);
        Assert.Equal("secret", await reader.ReadLineAsync(Cancellation));
        Assert.Equal(request, await reader.ReadLineAsync(Cancellation));
        await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(answer), Cancellation);
    }
}
