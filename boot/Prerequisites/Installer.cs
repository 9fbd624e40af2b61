using GuestOS.Boot.Build;
using Spectre.Console;

namespace GuestOS.Boot.Prerequisites;

/// <summary>Sees to it that the programs which a job needs are installed.</summary>
/// <param name="console">Where progress is shown.</param>
internal sealed class Installer(IAnsiConsole console)
{
    private static readonly string[] InstallOptions = ["install", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300"];

    /// <summary>Installs what is missing, when that is possible.</summary>
    /// <param name="jobs">What is to be done.</param>
    /// <param name="cancellationToken">Stops an installation under way.</param>
    /// <exception cref="ToolException">Something is missing and cannot be installed from here; the message is one line that says what to run.</exception>
    public async Task EnsureAsync(Job jobs, CancellationToken cancellationToken)
    {
        var missing = Missing(jobs);
        if (missing.Count == 0)
            return;
        if (InstructionFor(missing, ToolProcess.Find("apt-get") is not null, Environment.IsPrivilegedProcess) is { } instruction)
            throw new ToolException(instruction);

        using var gate = await FileLock.AcquireAsync(Path.Combine(Path.GetTempPath(), "guestos-install.lock"), cancellationToken).ConfigureAwait(false);
        missing = Missing(jobs);
        if (missing.Count == 0)
            return;
        await InstallAsync(missing, cancellationToken).ConfigureAwait(false);
        var still = Missing(jobs);
        if (still.Count != 0)
            throw new ToolException($"Installed, but not found where expected: {string.Join(", ", still.SelectMany(need => need.Probes.Take(1)))}.");
    }

    /// <summary>What a job needs and this machine does not have.</summary>
    public static IReadOnlyList<Requirement> Missing(Job jobs) =>
        Requirement.All.Where(need => (need.Jobs & jobs) != 0 && !need.IsMet).ToList();

    /// <summary>The one line to print when the tool cannot install by itself; null when it can.</summary>
    /// <param name="missing">What is missing; at least one.</param>
    /// <param name="hasApt">The machine installs Debian packages.</param>
    /// <param name="isRoot">This process may install.</param>
    public static string? InstructionFor(IReadOnlyList<Requirement> missing, bool hasApt, bool isRoot)
    {
        if (!hasApt)
            return $"Missing: {string.Join(", ", missing.Select(need => $"{need.Probes[0]} (Debian package {need.Package})"))}. Install them with this system's package manager.";
        if (isRoot)
            return null;
        return $"Missing packages; run: sudo apt-get update && sudo apt-get install -y --no-install-recommends {string.Join(' ', missing.Select(need => need.Package))}";
    }

    private Task InstallAsync(IReadOnlyList<Requirement> missing, CancellationToken cancellationToken)
    {
        var packages = missing.Select(need => need.Package).ToList();
        console.MarkupLineInterpolated($"Installing [bold]{string.Join(' ', packages)}[/]");
        var environment = new Dictionary<string, string?> { ["DEBIAN_FRONTEND"] = "noninteractive" };
        return console.Status().StartAsync("apt-get update", async status =>
        {
            await ToolProcess.RunAsync("apt-get", ["update"], environment, Show, cancellationToken).ConfigureAwait(false);
            await ToolProcess.RunAsync("apt-get", InstallOptions.Concat(packages), environment, Show, cancellationToken).ConfigureAwait(false);

            void Show(string line)
            {
                if (line.Length > 0)
                    status.Status(Markup.Escape(line.Length > 100 ? line[..100] : line));
            }
        });
    }
}
