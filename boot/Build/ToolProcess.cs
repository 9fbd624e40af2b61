using System.Diagnostics;
using System.Text;

namespace GuestOS.Boot.Build;

/// <summary>Runs other programs to their end and reports failures with what they printed.</summary>
internal static class ToolProcess
{
    private const int MessageLines = 30;

    /// <summary>Folders searched after PATH: administrators' tools are not on every user's PATH.</summary>
    private static readonly string[] ExtraFolders = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

    /// <summary>Full path of a program, or null when it is not installed.</summary>
    public static string? Find(string name)
    {
        var path = Environment.GetEnvironmentVariable("PATH") ?? "";
        return path.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Concat(ExtraFolders)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
    }

    /// <summary>Runs a program and returns what it wrote to standard output.</summary>
    /// <param name="program">Name or path.</param>
    /// <param name="arguments">Its arguments, one string each.</param>
    /// <param name="environment">Variables to set (null value: to remove) beside the inherited ones.</param>
    /// <param name="onLine">Called with every line of both outputs as it comes.</param>
    /// <param name="cancellationToken">Kills the program and whatever it started.</param>
    /// <exception cref="ToolException">It is not installed, or ended with another status than 0.</exception>
    public static async Task<string> RunAsync(
        string program,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string?>? environment = null,
        Action<string>? onLine = null,
        CancellationToken cancellationToken = default)
    {
        var start = new ProcessStartInfo(Find(program) ?? program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
            start.Environment[name] = value;

        var output = new StringBuilder();
        var transcript = new StringBuilder();
        using var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, e) => Collect(e.Data, output);
        process.ErrorDataReceived += (_, e) => Collect(e.Data, null);
        try
        {
            process.Start();
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new ToolException($"{program} cannot be started: {e.Message}", e);
        }

        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        if (process.ExitCode != 0)
            throw new ToolException($"{Path.GetFileName(program)} failed with status {process.ExitCode}:\n{LastLines(transcript)}");
        return output.ToString();

        void Collect(string? line, StringBuilder? also)
        {
            if (line is null)
                return;
            lock (transcript)
            {
                transcript.Append(line).Append('\n');
                also?.Append(line).Append('\n');
            }

            onLine?.Invoke(line);
        }
    }

    private static string LastLines(StringBuilder transcript)
    {
        lock (transcript)
        {
            var lines = transcript.ToString().TrimEnd().Split('\n');
            return string.Join('\n', lines.TakeLast(MessageLines).Select(line => "  " + line));
        }
    }
}
