using System.Security.Cryptography;
using System.Text;
using GuestOS.Boot.Images;

namespace GuestOS.Boot.Build;

/// <summary>Builds kernels: one ELF from the kernel's assemblies, the drivers and a program.</summary>
/// <param name="repository">The project.</param>
internal sealed class KernelBuilder(Repository repository)
{
    /// <summary>What boot/GuestImage.targets leaves in the publish folder: the kernel with symbols.</summary>
    private const string LinkedName = "guestos.elf.debug";

    /// <summary>Where <see cref="BuildAsync"/> leaves the kernel with its symbols.</summary>
    /// <param name="kernel">The path that it returned.</param>
    public static string SymbolsOf(string kernel) => Path.Combine(Path.GetDirectoryName(kernel)!, "publish", LinkedName);

    /// <summary>Variables that a surrounding build sets and that would steer the inner one wrong.</summary>
    private static readonly string[] BuildVariables =
        ["MSBuildSDKsPath", "MSBuildExtensionsPath", "MSBUILD_EXE_PATH", "MSBuildLoadMicrosoftTargetsReadOnly", "MSBUILDFAILONDRIVEENUMERATINGWILDCARD"];

    /// <summary>The program of an image when none is named: the kernel's own console.</summary>
    public string DefaultProgram => Path.Combine(repository.Root, "Kernel", "Console", "Console.csproj");

    /// <summary>The kernel's ELF with a program, built when anything changed since the last time.</summary>
    /// <param name="program">The program's project file; null for the default.</param>
    /// <param name="onLine">Called with the build's messages.</param>
    /// <param name="cancellationToken">Stops the build.</param>
    /// <returns>Path of the ELF, stripped to what is loaded.</returns>
    /// <exception cref="ToolException">The build failed; the message holds the compiler's errors.</exception>
    public async Task<string> BuildAsync(string? program, Action<string>? onLine, CancellationToken cancellationToken)
    {
        var project = Path.GetFullPath(program ?? DefaultProgram);
        if (!File.Exists(project))
            throw new ToolException($"The program {project} does not exist; --program takes a project file (.csproj).");
        var relative = Path.GetRelativePath(repository.Root, project);
        var folder = Path.Combine(repository.Kernels, NameOf(project));

        // One at a time: all images are built from the same kernel projects.
        using var gate = await FileLock.AcquireAsync(Path.Combine(repository.Kernels, "build.lock"), cancellationToken).ConfigureAwait(false);

        Directory.CreateDirectory(folder);
        var kernel = Path.Combine(folder, "guestos.elf");
        var stamp = Path.Combine(folder, "inputs.sha256");
        var digest = InputDigest.Compute(repository, project);
        if (File.Exists(kernel) && File.Exists(stamp) && await File.ReadAllTextAsync(stamp, cancellationToken).ConfigureAwait(false) == digest)
            return kernel;

        File.Delete(stamp);
        var output = Path.Combine(folder, "publish");
        if (Directory.Exists(output))
            Directory.Delete(output, recursive: true);
        await PublishAsync(project, output, onLine, cancellationToken).ConfigureAwait(false);
        var linked = Path.Combine(output, LinkedName);
        if (!File.Exists(linked))
            throw new ToolException($"The build of {relative} left no {LinkedName}: is it a console application (OutputType Exe)?");
        var stripped = ElfFile.Strip(await File.ReadAllBytesAsync(linked, cancellationToken).ConfigureAwait(false));
        await ImageFile.WriteAsync(kernel, stripped, cancellationToken).ConfigureAwait(false);
        await File.WriteAllTextAsync(stamp, digest, cancellationToken).ConfigureAwait(false);
        return kernel;
    }

    /// <summary>A plain name for a program's folder and images: no two programs share one.</summary>
    private string NameOf(string project)
    {
        if (project == DefaultProgram)
            return "guestos";
        var place = Path.GetRelativePath(repository.Root, Path.ChangeExtension(project, null));
        return place.StartsWith("..", StringComparison.Ordinal)
            ? $"{Path.GetFileNameWithoutExtension(project)}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(project)))[..8]}"
            : place.Replace('/', '.');
    }

    private async Task PublishAsync(string project, string output, Action<string>? onLine, CancellationToken cancellationToken)
    {
        string[] arguments =
        [
            "publish", project, "-c", "Release", "-r", "linux-x64", "-o", output, "--nologo", "-v", "minimal", "-p:GuestImageBuild=true",
            "-p:CustomAfterMicrosoftCommonTargets=" + Path.Combine(repository.Root, "boot", "GuestImage.targets"),
        ];
        var environment = BuildVariables.ToDictionary(name => name, _ => (string?)null);

        // No build servers that stay behind, in the builds that this build starts either.
        environment["UseSharedCompilation"] = "false";
        environment["MSBUILDDISABLENODEREUSE"] = "1";
        environment["DOTNET_NOLOGO"] = "1";
        environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        await ToolProcess.RunAsync(dotnet, arguments, environment, onLine, cancellationToken).ConfigureAwait(false);
    }
}
