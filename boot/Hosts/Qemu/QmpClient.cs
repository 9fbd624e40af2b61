using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GuestOS.Boot.Build;

namespace GuestOS.Boot.Hosts.Qemu;

/// <summary>Talks to a running QEMU (QEMU Machine Protocol: JSON objects, one a line). Safe for any thread.</summary>
internal sealed class QmpClient : IDisposable
{
    private readonly NetworkStream _stream;
    private readonly StreamReader _reader;
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly ConcurrentDictionary<string, TaskCompletionSource<JsonElement>> _pending = new();
    private readonly Lock _gate = new();
    private readonly List<QmpEvent> _events = [];
    private readonly List<TaskCompletionSource> _waiting = [];
    private string? _ended;
    private int _nextId;

    /// <summary>Takes over a connected socket.</summary>
    public QmpClient(Socket socket)
    {
        _stream = new NetworkStream(socket, ownsSocket: true);
        _reader = new StreamReader(_stream, Encoding.UTF8);
    }

    /// <summary>Raised for every event, on the reading thread.</summary>
    public event Action<QmpEvent>? Event;

    /// <summary>A copy of all events so far, in order.</summary>
    public IReadOnlyList<QmpEvent> Events
    {
        get
        {
            lock (_gate)
                return [.. _events];
        }
    }

    /// <summary>Whether the connection has ended.</summary>
    public bool HasEnded
    {
        get
        {
            lock (_gate)
                return _ended is not null;
        }
    }

    /// <summary>Reads until the connection ends; commands still open fail then.</summary>
    public async Task ReadAsync()
    {
        try
        {
            while (await _reader.ReadLineAsync().ConfigureAwait(false) is { } line)
                Dispatch(line);
            End("the machine has ended");
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // A machine that ends resets the connection; the open commands tell their callers.
            End($"the machine has ended: {e.Message}");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            End($"QEMU does not keep to its protocol: {e.Message}");
        }
    }

    /// <summary>Leaves capabilities negotiation, the first thing a client does.</summary>
    public Task<JsonElement> NegotiateAsync(CancellationToken cancellationToken) => ExecuteAsync("qmp_capabilities", null, cancellationToken);

    /// <summary>Runs a command (QEMU docs/interop/qemu-qmp-ref).</summary>
    /// <param name="command">Its name.</param>
    /// <param name="arguments">Its arguments; null for none.</param>
    /// <param name="cancellationToken">Ends the wait for the answer.</param>
    /// <returns>What the command returns.</returns>
    /// <exception cref="ToolException">QEMU refuses, or has ended.</exception>
    public async Task<JsonElement> ExecuteAsync(string command, JsonObject? arguments, CancellationToken cancellationToken)
    {
        var id = Interlocked.Increment(ref _nextId).ToString(CultureInfo.InvariantCulture);
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        _pending[id] = answer;
        try
        {
            lock (_gate)
            {
                if (_ended is not null)
                    throw new ToolException($"{command}: {_ended}");
            }

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

    /// <summary>Waits for an event.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="from">Events of <see cref="Events"/> to leave out at the start.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The first such event, or null when the machine ended without one.</returns>
    public async Task<QmpEvent?> WaitForEventAsync(string name, int from, CancellationToken cancellationToken)
    {
        while (true)
        {
            TaskCompletionSource signal;
            lock (_gate)
            {
                if (_events.Skip(from).FirstOrDefault(item => item.Name == name) is { } found)
                    return found;
                if (_ended is not null)
                    return null;
                signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Add(signal);
            }

            await signal.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _reader.Dispose();
        _stream.Dispose();
        _sending.Dispose();
    }

    private static byte[] Encode(string command, JsonObject? arguments, string id)
    {
        var message = new JsonObject { ["execute"] = command };
        if (arguments is not null)
            message["arguments"] = arguments.DeepClone();
        message["id"] = id;
        return Encoding.UTF8.GetBytes(message.ToJsonString() + "\n");
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
            Publish(new QmpEvent(name.GetString() ?? "", data, TimeOf(message)));
            return;
        }

        if (!message.TryGetProperty("id", out var id) || !_pending.TryGetValue(id.GetString() ?? "", out var answer))
            return;
        if (message.TryGetProperty("return", out var result))
            answer.TrySetResult(result.Clone());
        else
            answer.TrySetException(new ToolException($"QEMU refuses: {message.GetProperty("error").GetProperty("desc").GetString()}"));
    }

    private static DateTimeOffset TimeOf(JsonElement message)
    {
        if (!message.TryGetProperty("timestamp", out var time))
            return default;
        var microseconds = time.GetProperty("microseconds").GetInt64();
        return DateTimeOffset.FromUnixTimeSeconds(time.GetProperty("seconds").GetInt64()).AddMicroseconds(microseconds);
    }

    private void Publish(QmpEvent item)
    {
        lock (_gate)
        {
            _events.Add(item);
            WakeAll();
        }

        Event?.Invoke(item);
    }

    private void End(string reason)
    {
        lock (_gate)
        {
            _ended = reason;
            WakeAll();
        }

        foreach (var answer in _pending.Values)
            answer.TrySetException(new ToolException(reason));
    }

    private void WakeAll()
    {
        _waiting.ForEach(signal => signal.TrySetResult());
        _waiting.Clear();
    }
}
