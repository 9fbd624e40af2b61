using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using GuestOS.Boot.Build;
using GuestOS.Boot.Events;
using GuestOS.Boot.Images;

namespace GuestOS.Boot.Hosts.Emulated;

/// <summary>A machine in a QEMU of its own.</summary>
internal sealed class EmulatedGuest : IGuest
{
    private const int BufferSize = 16 << 10;
    private const int SerialBuffer = 1 << 20;
    private readonly WorkFolder _work;
    private readonly QemuProcess _qemu;
    private readonly Socket _com1;
    private readonly Socket _com2;
    private readonly QmpClient _qmp;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, TaskCompletionSource> _openTrays = [];
    private string _shutdownReason = "";
    private bool _stopping;

    private EmulatedGuest(MachineSpec machine, WorkFolder work, string commandLine, QemuProcess qemu, Socket com1, Socket com2, QmpClient qmp)
    {
        Machine = machine;
        CommandLine = commandLine;
        _work = work;
        _qemu = qemu;
        _com1 = com1;
        _com2 = com2;
        _qmp = qmp;
        Console = new GuestConsole(async (bytes, cancellation) => await com1.SendAsync(bytes, cancellation).ConfigureAwait(false));
        _qmp.Event += OnEvent;
        Exit = RunAsync();
    }

    /// <inheritdoc/>
    public MachineSpec Machine { get; }

    /// <inheritdoc/>
    public GuestConsole Console { get; }

    /// <inheritdoc/>
    public EventLog Events { get; } = new();

    /// <inheritdoc/>
    public string CommandLine { get; }

    /// <inheritdoc/>
    public Task<GuestExit> Exit { get; }

    /// <summary>Starts QEMU, with the machine's processors still stopped.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="work">The machine's folder; it becomes the guest's when the call succeeds.</param>
    /// <param name="variables">UEFI variable store, or null.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<EmulatedGuest> StartAsync(MachineSpec machine, WorkFolder work, string? variables, CancellationToken cancellationToken)
    {
        List<Socket> listeners = [ListenOnPort(), ListenOnPort(), ListenOnPath(work.File("qmp.sock"))];
        QemuProcess? qemu = null;
        List<Socket> connected = [];
        try
        {
            var arguments = QemuArguments.For(machine, listeners.Select(listener => listener.LocalEndPoint!).ToList(), variables);
            var commandLine = QemuProcess.ProgramName + " " + string.Join(' ', arguments.Select(Quote));
            qemu = await QemuProcess.StartAsync(arguments).ConfigureAwait(false);
            foreach (var listener in listeners)
                connected.Add(await AcceptAsync(listener, qemu, machine.Name, cancellationToken).ConfigureAwait(false));
            return new EmulatedGuest(machine, work, commandLine, qemu, connected[0], connected[1], new QmpClient(connected[2]));
        }
        catch
        {
            connected.ForEach(socket => socket.Dispose());
            if (qemu is not null)
                await qemu.KillAsync().ConfigureAwait(false);
            throw;
        }
        finally
        {
            listeners.ForEach(listener => listener.Dispose());
        }
    }

    /// <inheritdoc/>
    public async Task PowerOnAsync(CancellationToken cancellationToken)
    {
        await _qmp.NegotiateAsync(cancellationToken).ConfigureAwait(false);
        await _qmp.ExecuteAsync("cont", null, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task StopAsync()
    {
        lock (_gate)
            _stopping = true;
        if (!_qemu.Exited.IsCompleted)
            await _qemu.TerminateAsync().ConfigureAwait(false);
        await Exit.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<bool> TryScreenshotAsync(string path, CancellationToken cancellationToken)
    {
        if (Exit.IsCompleted)
            return false;
        try
        {
            var arguments = new Dictionary<string, object> { ["filename"] = path, ["format"] = path.EndsWith(".ppm", StringComparison.Ordinal) ? "ppm" : "png" };
            await _qmp.ExecuteAsync("screendump", arguments, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (ToolException)
        {
            // The machine ended meanwhile, or this QEMU has no display: there is no picture to be had.
            return false;
        }
    }

    /// <inheritdoc/>
    public Task WaitForOpenTrayAsync(string drive, CancellationToken cancellationToken) =>
        Task.WhenAny(TrayOf(drive).Task, Exit).WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public async Task InsertDiscAsync(string drive, string path, CancellationToken cancellationToken)
    {
        var arguments = new Dictionary<string, object> { ["id"] = drive, ["filename"] = path, ["format"] = "raw" };
        await _qmp.ExecuteAsync("blockdev-change-medium", arguments, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        await _qemu.KillAsync().ConfigureAwait(false);
        _com1.Dispose();
        _com2.Dispose();
        _qmp.Dispose();
        _work.Dispose();
    }

    /// <summary>
    /// A listener for a serial port. TCP, because the machine sends byte by byte: a UNIX socket holds fewer than 300 such messages
    /// while this program is kept waiting for a processor, and QEMU drops what does not fit.
    /// </summary>
    private static Socket ListenOnPort()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = SerialBuffer };
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen(1);
        return socket;
    }

    private static Socket ListenOnPath(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        socket.Listen(1);
        return socket;
    }

    private static async Task<Socket> AcceptAsync(Socket listener, QemuProcess qemu, string name, CancellationToken cancellationToken)
    {
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var accept = listener.AcceptAsync(giveUp.Token).AsTask();
        if (await Task.WhenAny(accept, qemu.Exited).ConfigureAwait(false) == accept)
            return await accept.ConfigureAwait(false);
        await giveUp.CancelAsync().ConfigureAwait(false);
        throw new ToolException($"{name}: QEMU ended at once with status {await qemu.Exited.ConfigureAwait(false)}: {qemu.Errors}");
    }

    private static string Quote(string argument) =>
        argument.All(c => char.IsAsciiLetterOrDigit(c) || "-_=,./:+".Contains(c, StringComparison.Ordinal))
            ? argument
            : $"'{argument.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static async Task PumpAsync(Socket socket, Action<ReadOnlyMemory<byte>> feed)
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

    private async Task<GuestExit> RunAsync()
    {
        var commands = _qmp.ReadAsync();
        await Task.WhenAll(PumpAsync(_com1, Console.Feed), PumpAsync(_com2, bytes => Events.Feed(bytes.Span)), commands).ConfigureAwait(false);
        var status = await _qemu.Exited.ConfigureAwait(false);
        Console.Complete();
        Events.Complete();
        lock (_gate)
        {
            // isa-debug-exit ends QEMU with status * 2 + 1; the least status in use is 0x10.
            if ((status & 1) == 1 && status >> 1 >= GuestExit.StatusPassed && status < 128)
                return new GuestExit(GuestExitKind.DebugPort, status >> 1);
            if (_shutdownReason == "guest-shutdown")
                return new GuestExit(GuestExitKind.PoweredOff);
            if (_shutdownReason == "guest-reset")
                return new GuestExit(GuestExitKind.Reset);
            if (_stopping)
                return new GuestExit(GuestExitKind.Stopped);
            return new GuestExit(GuestExitKind.Failed, Detail: $"QEMU ended with status {status}: {_qemu.Errors}");
        }
    }

    private TaskCompletionSource TrayOf(string drive)
    {
        lock (_gate)
        {
            if (!_openTrays.TryGetValue(drive, out var signal))
                _openTrays[drive] = signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return signal;
        }
    }

    private void OnEvent(string name, JsonElement data)
    {
        switch (name)
        {
            case "SHUTDOWN":
                lock (_gate)
                    _shutdownReason = data.GetProperty("reason").GetString() ?? "";
                break;
            case "DEVICE_TRAY_MOVED" when data.GetProperty("tray-open").GetBoolean():
                TrayOf(data.GetProperty("id").GetString() ?? "").TrySetResult();
                break;
        }
    }
}
