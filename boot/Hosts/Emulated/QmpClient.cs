using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using GuestOS.Boot.Build;

namespace GuestOS.Boot.Hosts.Emulated;

/// <summary>Talks to a running QEMU (QEMU Machine Protocol: JSON objects, one a line).</summary>
internal sealed class QmpClient : IDisposable
{
    private readonly NetworkStream _stream;
    private readonly StreamReader _reader;
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly ConcurrentDictionary<string, TaskCompletionSource<JsonElement>> _pending = new();
    private int _nextId;

    /// <summary>Takes over a connected socket.</summary>
    public QmpClient(Socket socket)
    {
        _stream = new NetworkStream(socket, ownsSocket: true);
        _reader = new StreamReader(_stream, Encoding.UTF8);
    }

    /// <summary>Raised with name and data of every event, on the reading thread.</summary>
    public event Action<string, JsonElement>? Event;

    /// <summary>Reads until the connection ends; commands still open fail then.</summary>
    public async Task ReadAsync()
    {
        try
        {
            while (await _reader.ReadLineAsync().ConfigureAwait(false) is { } line)
                Dispatch(line);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // A machine that ends resets the connection; the open commands tell their callers.
            FailPending(e.Message);
        }

        FailPending("the machine has ended");
    }

    /// <summary>Leaves capabilities negotiation, the first thing a client does.</summary>
    public Task<JsonElement> NegotiateAsync(CancellationToken cancellationToken) => ExecuteAsync("qmp_capabilities", null, cancellationToken);

    /// <summary>Runs a command.</summary>
    /// <param name="command">Its name.</param>
    /// <param name="arguments">Its arguments; values are texts or booleans.</param>
    /// <param name="cancellationToken">Ends the wait for the answer.</param>
    /// <exception cref="ToolException">QEMU refuses, or has ended.</exception>
    public async Task<JsonElement> ExecuteAsync(
        string command, IReadOnlyDictionary<string, object>? arguments, CancellationToken cancellationToken)
    {
        var id = Interlocked.Increment(ref _nextId).ToString(CultureInfo.InvariantCulture);
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        _pending[id] = answer;
        try
        {
            await SendAsync(Encode(command, arguments, id), cancellationToken).ConfigureAwait(false);
            return await answer.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            throw new ToolException($"{command}: the machine has ended", e);
        }
        finally
        {
            _pending.TryRemove(id, out _);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _reader.Dispose();
        _stream.Dispose();
        _sending.Dispose();
    }

    private static byte[] Encode(string command, IReadOnlyDictionary<string, object>? arguments, string id)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("execute", command);
            if (arguments is not null)
            {
                json.WriteStartObject("arguments");
                foreach (var (name, value) in arguments)
                {
                    if (value is bool flag)
                        json.WriteBoolean(name, flag);
                    else
                        json.WriteString(name, (string)value);
                }

                json.WriteEndObject();
            }

            json.WriteString("id", id);
            json.WriteEndObject();
        }

        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }

    private async Task SendAsync(byte[] message, CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await _stream.WriteAsync(message, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _sending.Release();
        }
    }

    private void Dispatch(string line)
    {
        using var document = JsonDocument.Parse(line);
        var message = document.RootElement;
        if (message.TryGetProperty("event", out var name))
        {
            var data = message.TryGetProperty("data", out var value) ? value.Clone() : default;
            Event?.Invoke(name.GetString() ?? "", data);
            return;
        }

        if (!message.TryGetProperty("id", out var id) || !_pending.TryGetValue(id.GetString() ?? "", out var answer))
            return;
        if (message.TryGetProperty("return", out var result))
            answer.TrySetResult(result.Clone());
        else
            answer.TrySetException(new ToolException($"QEMU refuses: {message.GetProperty("error").GetProperty("desc").GetString()}"));
    }

    private void FailPending(string reason)
    {
        foreach (var answer in _pending.Values)
            answer.TrySetException(new ToolException(reason));
    }
}
