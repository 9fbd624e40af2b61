using System.Text;

namespace GuestOS.Boot.Hosts;

/// <summary>A machine's first serial port: what it wrote so far, and the way to type. Safe for any thread.</summary>
/// <param name="send">Sends bytes to the machine.</param>
internal sealed class GuestConsole(Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> send)
{
    /// <summary>Of a machine that writes without end, this much is kept in memory.</summary>
    private const int LargestText = 8 << 20;

    private readonly Lock _gate = new();
    private readonly StringBuilder _text = new();
    private TaskCompletionSource _grown = NewSignal();
    private bool _complete;

    /// <summary>Raised with bytes as they come, on the thread that reads the port.</summary>
    public event Action<ReadOnlyMemory<byte>>? Output;

    /// <summary>Everything written so far, one character per byte.</summary>
    public string Text
    {
        get
        {
            lock (_gate)
                return _text.ToString();
        }
    }

    /// <summary>Types bytes.</summary>
    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => send(bytes, cancellationToken);

    /// <summary>Types a line and Enter.</summary>
    public ValueTask SendLineAsync(string line, CancellationToken cancellationToken) => send(Encoding.UTF8.GetBytes(line + "\r"), cancellationToken);

    /// <summary>Waits until some text has been written.</summary>
    /// <param name="text">What to wait for.</param>
    /// <param name="from">Characters of <see cref="Text"/> to leave out at the start.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Index just after the text, or -1 when the port was closed without it.</returns>
    public async Task<int> WaitForAsync(string text, int from, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task grown;
            lock (_gate)
            {
                var all = _text.ToString();
                var index = from <= all.Length ? all.IndexOf(text, from, StringComparison.Ordinal) : -1;
                if (index >= 0)
                    return index + text.Length;
                if (_complete)
                    return -1;
                grown = _grown.Task;
            }

            await grown.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Takes bytes of the port.</summary>
    public void Feed(ReadOnlyMemory<byte> bytes)
    {
        lock (_gate)
        {
            if (_text.Length < LargestText)
                _text.Append(Encoding.Latin1.GetString(bytes.Span));
            Signal();
        }

        Output?.Invoke(bytes);
    }

    /// <summary>The port is closed.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            _complete = true;
            Signal();
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Signal()
    {
        _grown.TrySetResult();
        if (!_complete)
            _grown = NewSignal();
    }
}
