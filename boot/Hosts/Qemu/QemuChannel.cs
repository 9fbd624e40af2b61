using System.Net;
using System.Net.Sockets;
using GuestOS.Boot.Build;

namespace GuestOS.Boot.Hosts.Qemu;

/// <summary>Connections between this program and a QEMU: this program listens, QEMU connects, once.</summary>
internal static class QemuChannel
{
    private const int BufferSize = 16 << 10;
    private const int SerialBuffer = 1 << 20;

    /// <summary>
    /// A listener for a serial port. TCP, because the machine sends byte by byte: a UNIX socket holds fewer than 300 such messages
    /// while this program is kept waiting for a processor, and QEMU drops what does not fit.
    /// </summary>
    public static Socket ListenOnPort()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = SerialBuffer };
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen(1);
        return socket;
    }

    /// <summary>A listener that only this user reaches.</summary>
    public static Socket ListenOnPath(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        socket.Listen(1);
        return socket;
    }

    /// <summary>Waits until QEMU has connected.</summary>
    /// <param name="listener">What it connects to.</param>
    /// <param name="qemu">The QEMU.</param>
    /// <param name="name">The machine's name, for messages.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ToolException">It ended instead.</exception>
    public static async Task<Socket> AcceptAsync(Socket listener, IQemuProcess qemu, string name, CancellationToken cancellationToken)
    {
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var accept = listener.AcceptAsync(giveUp.Token).AsTask();
        if (await Task.WhenAny(accept, qemu.Exited).ConfigureAwait(false) == accept)
            return await accept.ConfigureAwait(false);
        await giveUp.CancelAsync().ConfigureAwait(false);
        throw new ToolException($"{name}: QEMU ended at once with status {await qemu.Exited.ConfigureAwait(false)}: {qemu.Errors}");
    }

    /// <summary>Reads until the other end closes.</summary>
    public static async Task PumpAsync(Socket socket, Action<ReadOnlyMemory<byte>> feed)
    {
        var buffer = new byte[BufferSize];
        try
        {
            while (await socket.ReceiveAsync(buffer).ConfigureAwait(false) is > 0 and var count)
                feed(buffer.AsMemory(0, count));
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.OperationAborted)
        {
            // A killed machine closes its ports this way; what it had written has been read.
            return;
        }
    }
}
