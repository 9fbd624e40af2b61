using System.Threading.Channels;
using GuestOS.Kernel.Hardware;

namespace GuestOS.Kernel.Shell;

/// <summary>Reads the terminal on a thread of its own, so that Ctrl-C reaches a command that is running.</summary>
internal sealed class ConsoleInput
{
    private readonly ITerminal _terminal;
    private readonly Channel<Key> _keys = Channel.CreateUnbounded<Key>(new UnboundedChannelOptions { SingleWriter = true });
    private readonly Lock _lock = new();
    private CancellationTokenSource? _command;

    public ConsoleInput(ITerminal terminal) => _terminal = terminal;

    /// <summary>Starts reading.</summary>
    public void Start() => new Thread(ReadAll) { IsBackground = true, Name = "console" }.Start();

    /// <summary>The next key; <see cref="KeyKind.EndOfInput"/> for ever after the end.</summary>
    public async ValueTask<Key> ReadAsync()
    {
        while (await _keys.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            if (_keys.Reader.TryRead(out Key key))
                return key;
        }

        return new Key(KeyKind.EndOfInput);
    }

    /// <summary>From now on Ctrl-C cancels this; null gives Ctrl-C back to the line editor.</summary>
    public void SetCommand(CancellationTokenSource? command)
    {
        lock (_lock)
            _command = command;
    }

    private void ReadAll()
    {
        var decoder = new KeyDecoder();
        Span<byte> bytes = stackalloc byte[64];
        int count;
        while ((count = _terminal.Read(bytes)) > 0)
        {
            foreach (byte value in bytes[..count])
            {
                if (decoder.TryDecode(value, out Key key) && !TryInterrupt(key))
                    _keys.Writer.TryWrite(key);
            }
        }

        _keys.Writer.Complete();
    }

    private bool TryInterrupt(Key key)
    {
        lock (_lock)
        {
            if (key.Kind != KeyKind.Interrupt || _command is null)
                return false;
            _command.Cancel();
            return true;
        }
    }
}
