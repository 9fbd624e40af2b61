using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;

namespace GuestOS.Drivers.Ata.Tests.Qemu;

/// <summary>QEMU's qtest protocol: one line for each access to a port, answers in order, and lines about interrupts at any time.</summary>
internal sealed class QtestClient : IDisposable
{
    private readonly Socket _socket;
    private readonly StreamReader _reader;
    private readonly StreamWriter _writer;
    private readonly Lock _gate = new();
    private readonly BlockingCollection<string> _answers = [];
    private readonly Thread _thread;
    private readonly Action<int, bool> _onInterrupt;
    private bool _isOff;

    public QtestClient(Socket socket, Action<int, bool> onInterrupt)
    {
        _socket = socket;
        _onInterrupt = onInterrupt;
        var stream = new NetworkStream(socket);
        _reader = new StreamReader(stream);
        _writer = new StreamWriter(stream) { AutoFlush = true, NewLine = "\n" };
        _thread = new Thread(Read) { IsBackground = true };
        _thread.Start();
    }

    public void Send(string command) => Ask(command);

    public uint In(int port, int size) => (uint)ulong.Parse(
        Ask(string.Create(CultureInfo.InvariantCulture, $"in{Suffix(size)} 0x{port:x}")).AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    public void Out(int port, int size, uint value) => Ask(string.Create(CultureInfo.InvariantCulture, $"out{Suffix(size)} 0x{port:x} 0x{value:x}"));

    public void Dispose()
    {
        lock (_gate)
            _isOff = true;
        _socket.Dispose();
        _thread.Join();
        _answers.Dispose();
    }

    private static char Suffix(int size) => size switch { 1 => 'b', 2 => 'w', _ => 'l' };

    /// <summary>The answer after "OK".</summary>
    private string Ask(string command)
    {
        lock (_gate)
        {
            // Nobody drives the bus of a machine that is off.
            if (_isOff)
                return "0xffffffff";
            _writer.WriteLine(command);
            var answer = _answers.Take();
            return answer.StartsWith("OK", StringComparison.Ordinal)
                ? answer[2..].Trim()
                : throw new IOException($"qtest: {command}: {answer}");
        }
    }

    private void Read()
    {
        try
        {
            while (_reader.ReadLine() is { } line)
            {
                if (!line.StartsWith("IRQ ", StringComparison.Ordinal))
                {
                    _answers.Add(line);
                    continue;
                }

                var words = line.Split(' ');
                _onInterrupt(int.Parse(words[2], CultureInfo.InvariantCulture), words[1] == "raise");
            }
        }
        catch (IOException) when (!_socket.Connected)
        {
            // The test is over.
        }

        _answers.Add("the connection is closed");
    }
}
