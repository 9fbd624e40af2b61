using System.Diagnostics;
using System.Text;
using GuestOS.Boot.Build;

namespace GuestOS.Boot.Hosts.Qemu;

/// <summary>
/// A QEMU that cannot outlive this program: where setpriv (util-linux) is, the system kills QEMU when the thread that started it ends,
/// however it ends. That thread does nothing else but wait.
/// </summary>
internal sealed class QemuProcess : IQemuProcess
{
    private readonly TaskCompletionSource<Process> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<int> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly StringBuilder _errors = new();
    private readonly ProcessStartInfo _start;

    private QemuProcess(ProcessStartInfo start) => _start = start;

    /// <inheritdoc/>
    public Task<int> Exited => _exited.Task;

    /// <inheritdoc/>
    public string Errors
    {
        get
        {
            lock (_errors)
                return _errors.ToString().Trim();
        }
    }

    /// <summary>Starts it.</summary>
    /// <param name="program">The program.</param>
    /// <param name="arguments">QEMU's arguments.</param>
    /// <exception cref="ToolException">It cannot be started.</exception>
    public static async Task<QemuProcess> StartAsync(QemuProgram program, IReadOnlyList<string> arguments)
    {
        var guard = ToolProcess.Find("setpriv");
        var start = guard is null
            ? new ProcessStartInfo(program.Path, [.. program.Arguments, .. arguments])
            : new ProcessStartInfo(guard, ["--pdeathsig", "KILL", "--", program.Path, .. program.Arguments, .. arguments]);
        foreach (var (name, value) in program.Environment)
            start.Environment[name] = value;
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        var qemu = new QemuProcess(start);
        new Thread(qemu.Run) { IsBackground = true, Name = "qemu" }.Start();
        await qemu._started.Task.ConfigureAwait(false);
        return qemu;
    }

    /// <inheritdoc/>
    public async Task TerminateAsync()
    {
        var process = await _started.Task.ConfigureAwait(false);
        process.Kill(entireProcessTree: true);
    }

    /// <inheritdoc/>
    public async Task KillAsync()
    {
        var process = await _started.Task.ConfigureAwait(false);
        if (!_exited.Task.IsCompleted)
            process.Kill(entireProcessTree: true);
        await _exited.Task.ConfigureAwait(false);
        process.Dispose();
    }

    private void Run()
    {
        // Disposed of by KillAsync, which may run at any time until then.
        var process = new Process { StartInfo = _start };
        process.OutputDataReceived += (_, e) => Collect(e.Data);
        process.ErrorDataReceived += (_, e) => Collect(e.Data);
        try
        {
            process.Start();
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            _started.SetException(new ToolException($"{_start.FileName} cannot be started: {e.Message}", e));
            return;
        }

        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _started.SetResult(process);
        process.WaitForExit();
        _exited.SetResult(process.ExitCode);
    }

    private void Collect(string? line)
    {
        lock (_errors)
            if (line is not null)
                _errors.Append(line).Append('\n');
    }
}
