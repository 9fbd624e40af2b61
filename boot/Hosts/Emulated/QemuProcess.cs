using System.Diagnostics;
using System.Text;
using GuestOS.Boot.Build;

namespace GuestOS.Boot.Hosts.Emulated;

/// <summary>
/// A QEMU that cannot outlive this program: where setpriv (util-linux) is, the system kills QEMU when the thread that started it ends,
/// however it ends. That thread does nothing else but wait.
/// </summary>
internal sealed class QemuProcess
{
    /// <summary>The program.</summary>
    public const string ProgramName = "qemu-system-x86_64";

    private readonly TaskCompletionSource<Process> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<int> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly StringBuilder _errors = new();
    private readonly ProcessStartInfo _start;

    private QemuProcess(ProcessStartInfo start) => _start = start;

    /// <summary>The program's exit status, once it has ended and its messages are read.</summary>
    public Task<int> Exited => _exited.Task;

    /// <summary>What it wrote to standard error.</summary>
    public string Errors
    {
        get
        {
            lock (_errors)
                return _errors.ToString().Trim();
        }
    }

    /// <summary>Starts it.</summary>
    /// <exception cref="ToolException">It is not installed.</exception>
    public static async Task<QemuProcess> StartAsync(IReadOnlyList<string> arguments)
    {
        var program = ToolProcess.Find(ProgramName) ?? throw new ToolException($"{ProgramName} is not installed.");
        var guard = ToolProcess.Find("setpriv");
        var start = guard is null
            ? new ProcessStartInfo(program, arguments)
            : new ProcessStartInfo(guard, ["--pdeathsig", "KILL", "--", program, .. arguments]);
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        var qemu = new QemuProcess(start);
        new Thread(qemu.Run) { IsBackground = true, Name = "qemu" }.Start();
        await qemu._started.Task.ConfigureAwait(false);
        return qemu;
    }

    /// <summary>Kills it; <see cref="Exited"/> ends soon after.</summary>
    public async Task TerminateAsync()
    {
        var process = await _started.Task.ConfigureAwait(false);
        process.Kill(entireProcessTree: true);
    }

    /// <summary>Kills it, when it has not ended already, and releases what it holds. To be called once, at the end.</summary>
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
