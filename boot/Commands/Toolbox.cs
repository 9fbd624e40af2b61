using GuestOS.Boot.Build;
using GuestOS.Boot.Hosts;
using GuestOS.Boot.Images;
using GuestOS.Boot.Prerequisites;
using Spectre.Console;

namespace GuestOS.Boot.Commands;

/// <summary>What commands share: the project, the terminal, and the steps before a machine starts.</summary>
/// <param name="repository">The project.</param>
/// <param name="console">Where progress and results are shown.</param>
internal sealed class Toolbox(Repository repository, IAnsiConsole console)
{
    /// <summary>The project.</summary>
    public Repository Repository => repository;

    /// <summary>Where progress and results are shown.</summary>
    public IAnsiConsole Console => console;

    /// <summary>Installs what jobs need.</summary>
    public Task EnsureAsync(Job jobs, CancellationToken cancellationToken) => new Installer(console).EnsureAsync(jobs, cancellationToken);

    /// <summary>Builds a kernel, showing progress.</summary>
    /// <param name="program">The program's project; null for the default.</param>
    /// <param name="cancellationToken">Stops the build.</param>
    public Task<string> BuildKernelAsync(string? program, CancellationToken cancellationToken) =>
        ShowAsync("Building the kernel", status => new KernelBuilder(repository).BuildAsync(program, status, cancellationToken));

    /// <summary>Makes the image of a kernel, showing progress.</summary>
    public Task<string> BuildImageAsync(string kernel, ImageFormat format, CancellationToken cancellationToken) =>
        ShowAsync("Making the image", _ => new ImageCache(repository).GetAsync(kernel, format, cancellationToken));

    /// <summary>Makes a host ready, showing progress.</summary>
    public Task PrepareAsync(IHost host, CancellationToken cancellationToken) =>
        ShowAsync($"Preparing the host {host.Name}", async status =>
        {
            await host.PrepareAsync(status, cancellationToken).ConfigureAwait(false);
            return true;
        });

    private Task<T> ShowAsync<T>(string what, Func<Action<string>?, Task<T>> work)
    {
        // Without a terminal a moving line would only be noise in a log.
        if (!console.Profile.Capabilities.Interactive)
        {
            console.MarkupLineInterpolated($"{what}");
            return work(null);
        }

        return console.Status().StartAsync(what, status => work(line => status.Status(Markup.Escape($"{what}: {Shorten(line.Trim())}"))));
    }

    private static string Shorten(string line) => line.Length > 100 ? line[..100] : line;
}
