using System.Net;
using System.Net.Sockets;
using System.Text;

namespace GuestOS.Boot.Tests;

/// <summary>Two connected sockets: one for the code under test, the other for the test, which speaks in lines.</summary>
internal sealed class SocketPair : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly StreamReader _reader;

    public SocketPair()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(1);
        Mine = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Mine.Connect(_listener.LocalEndPoint!);
        Theirs = _listener.Accept();
        _reader = new StreamReader(new NetworkStream(Theirs), Encoding.UTF8);
    }

    /// <summary>For the code under test.</summary>
    public Socket Mine { get; }

    /// <summary>The test's end.</summary>
    public Socket Theirs { get; }

    public ValueTask<string?> ReadLineAsync() => _reader.ReadLineAsync(TestContext.Current.CancellationToken);

    public void Write(string text) => Theirs.Send(Encoding.UTF8.GetBytes(text));

    public void Dispose()
    {
        _reader.Dispose();
        Theirs.Dispose();
        Mine.Dispose();
        _listener.Dispose();
    }
}
