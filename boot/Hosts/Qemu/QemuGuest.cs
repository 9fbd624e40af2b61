using System.Net.Sockets;
using System.Text.Json.Nodes;
using GuestOS.Boot.Build;
using GuestOS.Boot.Events;

namespace GuestOS.Boot.Hosts.Qemu;

/// <summary>A machine in a QEMU of its own.</summary>
internal sealed class QemuGuest : IGuest
{
    private readonly IQemuSite _site;
    private readonly IQemuProcess _qemu;
    private readonly Socket _com1;
    private readonly Socket _com2;
    private readonly QmpClient _qmp;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, TaskCompletionSource> _openTrays = [];
    private string _shutdownReason = "";
    private bool _stopping;

    private QemuGuest(MachineSpec machine, IQemuSite site, string commandLine, IQemuProcess qemu, Socket com1, Socket com2, QmpClient qmp)
    {
        Machine = machine;
        CommandLine = commandLine;
        _site = site;
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

    /// <inheritdoc/>
    public string HostMessages => _qemu.Errors;

    /// <inheritdoc/>
    public QmpClient? Monitor => _qmp;

    /// <summary>Starts QEMU, with the machine's processors still stopped.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="site">Where QEMU runs; it becomes the guest's, and is disposed of when the call fails.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ToolException">QEMU does not start.</exception>
    public static async Task<IGuest> StartAsync(MachineSpec machine, IQemuSite site, CancellationToken cancellationToken)
    {
        List<Socket> listeners = [];
        IQemuProcess? qemu = null;
        List<Socket> connected = [];
        try
        {
            listeners.AddRange(QemuArguments.Channels.Select(site.Listen));
            var setting = new QemuSetting
            {
                Accelerator = site.Accelerator,
                Channels = listeners.Select(site.AddressOf).ToList(),
                Variables = machine.Firmware == FirmwareKind.Uefi ? site.PathOf(CopyVariables(site)) : null,
                PathOf = site.PathOf,
            };
            var arguments = QemuArguments.For(machine, setting);
            qemu = await site.StartAsync(arguments, cancellationToken).ConfigureAwait(false);
            foreach (var listener in listeners)
                connected.Add(await QemuChannel.AcceptAsync(listener, qemu, machine.Name, cancellationToken).ConfigureAwait(false));
            var commandLine = site.Prompt + " " + ShellText.Join(arguments);
            return new QemuGuest(machine, site, commandLine, qemu, connected[0], connected[1], new QmpClient(connected[2]));
        }
        catch (Exception e)
        {
            connected.ForEach(socket => socket.Dispose());
            if (qemu is not null)
                await qemu.KillAsync().ConfigureAwait(false);
            site.Dispose();
            if (e is IOException or UnauthorizedAccessException)
                throw new ToolException($"{machine.Name}: {e.Message}", e);
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
        if (Exit.IsCompleted || !Machine.HasDisplay)
            return false;
        var picture = _site.FileOf("screen" + Path.GetExtension(path));
        try
        {
            var arguments = new JsonObject { ["filename"] = _site.PathOf(picture), ["format"] = path.EndsWith(".ppm", StringComparison.Ordinal) ? "ppm" : "png" };
            await _qmp.ExecuteAsync("screendump", arguments, cancellationToken).ConfigureAwait(false);
            File.Move(picture, path, overwrite: true);
            return true;
        }
        catch (ToolException)
        {
            // The machine ended meanwhile: there is no picture to be had.
            return false;
        }
    }

    /// <inheritdoc/>
    public Task WaitForOpenTrayAsync(string drive, CancellationToken cancellationToken) =>
        Task.WhenAny(TrayOf(drive).Task, Exit).WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public async Task InsertDiscAsync(string drive, string path, CancellationToken cancellationToken)
    {
        var arguments = new JsonObject { ["id"] = drive, ["filename"] = _site.PathOf(path), ["format"] = "raw" };
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
        _site.Dispose();
    }

    private static string CopyVariables(IQemuSite site)
    {
        var path = site.FileOf("vars.fd");
        File.Copy(UefiFirmware.VariablesPath, path);
        return path;
    }

    private async Task<GuestExit> RunAsync()
    {
        var commands = _qmp.ReadAsync();
        await Task.WhenAll(QemuChannel.PumpAsync(_com1, Console.Feed), QemuChannel.PumpAsync(_com2, bytes => Events.Feed(bytes.Span)), commands).ConfigureAwait(false);
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
            if (_stopping || _shutdownReason.StartsWith("host-", StringComparison.Ordinal))
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

    private void OnEvent(QmpEvent item)
    {
        switch (item.Name)
        {
            case "SHUTDOWN":
                lock (_gate)
                    _shutdownReason = item.Data.GetProperty("reason").GetString() ?? "";
                break;
            case "DEVICE_TRAY_MOVED" when item.Data.GetProperty("tray-open").GetBoolean():
                TrayOf(item.Data.GetProperty("id").GetString() ?? "").TrySetResult();
                break;
        }
    }
}
