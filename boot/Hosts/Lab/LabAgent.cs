using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using GuestOS.Boot.Build;

namespace GuestOS.Boot.Hosts.Lab;

/// <summary>The way to the agent in the lab's machine (Machine/agent.sh): one connection for each request.</summary>
/// <param name="Port">Port on this machine that leads there.</param>
/// <param name="Token">What the agent wants to hear first.</param>
internal sealed record LabAgent(int Port, string Token)
{
    /// <summary>Asks the agent how many guests there are.</summary>
    /// <param name="patience">Time to answer.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Their number; null when the agent does not answer.</returns>
    public async Task<int?> CountGuestsAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        try
        {
            using var socket = await RequestAsync("ping", limit.Token).ConfigureAwait(false);
            using var reader = new StreamReader(new NetworkStream(socket), Encoding.ASCII);
            var answer = await reader.ReadLineAsync(limit.Token).ConfigureAwait(false);
            var start = $"{Token} pong ";
            return answer?.StartsWith(start, StringComparison.Ordinal) == true && int.TryParse(answer.AsSpan(start.Length), CultureInfo.InvariantCulture, out var count)
                ? count
                : null;
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Runs the script of a guest's folder.</summary>
    /// <param name="guest">Name of the folder in the share.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ToolException">The lab's machine is gone.</exception>
    public async Task<LabProcess> StartAsync(string guest, CancellationToken cancellationToken)
    {
        try
        {
            return new LabProcess(await RequestAsync("start " + guest, cancellationToken).ConfigureAwait(false), Token);
        }
        catch (SocketException e)
        {
            throw new ToolException(string.Create(CultureInfo.InvariantCulture, $"The lab's machine cannot be reached at port {Port}: {e.Message}"), e);
        }
    }

    private async Task<Socket> RequestAsync(string request, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, Port), cancellationToken).ConfigureAwait(false);
            await socket.SendAsync(Encoding.ASCII.GetBytes($"{Token}\n{request}\n"), cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
