using System.Globalization;
using System.Net.Sockets;
using System.Text;
using GuestOS.Boot.Hosts.Qemu;

namespace GuestOS.Boot.Hosts.Lab;

/// <summary>A QEMU in the lab's machine. It lives as long as the connection to the agent that started it.</summary>
internal sealed class LabProcess : IQemuProcess
{
    /// <summary>Exit status of a QEMU that ended together with the lab's machine.</summary>
    public const int Lost = -1;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly Socket _socket;
    private readonly string _lastLine;
    private readonly StringBuilder _errors = new();

    /// <summary>Takes over a connection on which a start was requested.</summary>
    /// <param name="socket">The connection.</param>
    /// <param name="token">The token that begins the last line.</param>
    public LabProcess(Socket socket, string token)
    {
        _socket = socket;
        _lastLine = $"{token} exit ";
        Exited = ReadAsync();
    }

    /// <inheritdoc/>
    public Task<int> Exited { get; }

    /// <inheritdoc/>
    public string Errors
    {
        get
        {
            lock (_errors)
                return _errors.ToString().Trim();
        }
    }

    /// <inheritdoc/>
    public async Task TerminateAsync()
    {
        try
        {
            // The agent kills the QEMU, and still tells its status.
            _socket.Shutdown(SocketShutdown.Send);
            await Exited.WaitAsync(Patience).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or TimeoutException)
        {
            // The lab's machine is gone, or stuck; closing the connection ends the wait for it.
            _socket.Dispose();
        }
    }

    /// <inheritdoc/>
    public async Task KillAsync()
    {
        if (!Exited.IsCompleted)
            await TerminateAsync().ConfigureAwait(false);
        await Exited.ConfigureAwait(false);
        _socket.Dispose();
    }

    private async Task<int> ReadAsync()
    {
        try
        {
            using var reader = new StreamReader(new NetworkStream(_socket), Encoding.UTF8);
            while (await reader.ReadLineAsync().ConfigureAwait(false) is { } line)
            {
                if (line.StartsWith(_lastLine, StringComparison.Ordinal))
                    return int.Parse(line.AsSpan(_lastLine.Length), NumberStyles.Integer, CultureInfo.InvariantCulture);
                Add(line);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            Add(e.Message);
        }

        Add("the lab's machine has ended");
        return Lost;
    }

    private void Add(string line)
    {
        lock (_errors)
            _errors.Append(line).Append('\n');
    }
}
