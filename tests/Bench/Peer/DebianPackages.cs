using GuestOS.Boot.Build;

namespace GuestOS.Bench.Peer;

/// <summary>Packages of this machine's Debian, fetched and unpacked into a folder, not installed.</summary>
/// <param name="folder">Where they are kept; removing the folder fetches them anew.</param>
internal sealed class DebianPackages(string folder)
{
    /// <summary>The package that a meta package stands for.</summary>
    /// <param name="name">The meta package.</param>
    /// <param name="prefix">How the name of the wanted one begins.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<string> ResolveAsync(string name, string prefix, CancellationToken cancellationToken)
    {
        var kept = Path.Combine(folder, name + ".resolved");
        if (File.Exists(kept))
            return await File.ReadAllTextAsync(kept, cancellationToken).ConfigureAwait(false);
        await EnsureListsAsync(name, cancellationToken).ConfigureAwait(false);
        var output = await ToolProcess.RunAsync("apt-cache", ["depends", name], cancellationToken: cancellationToken).ConfigureAwait(false);
        var found = output.Split('\n')
            .Select(line => line.Trim())
            .Where(line => line.StartsWith("Depends: " + prefix, StringComparison.Ordinal))
            .Select(line => line["Depends: ".Length..])
            .FirstOrDefault() ?? throw new ToolException($"The package {name} depends on no {prefix}*: is this Debian for amd64?");
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(kept, found, cancellationToken).ConfigureAwait(false);
        return found;
    }

    /// <summary>The unpacked files of a package; fetched when they are not there yet.</summary>
    /// <returns>Folder that stands for the root of the file system.</returns>
    public async Task<string> GetAsync(string name, CancellationToken cancellationToken)
    {
        var root = Path.Combine(folder, name);
        using var gate = await FileLock.AcquireAsync(root + ".lock", cancellationToken).ConfigureAwait(false);
        if (Directory.Exists(root))
            return root;
        await EnsureListsAsync(name, cancellationToken).ConfigureAwait(false);
        var part = root + ".part";
        if (Directory.Exists(part))
            Directory.Delete(part, recursive: true);
        Directory.CreateDirectory(part);

        // apt-get puts what it fetches into the current folder.
        await ToolProcess.RunAsync(
            "env", ["-C", part, "apt-get", "download", "-o", "APT::Sandbox::User=root", name], cancellationToken: cancellationToken).ConfigureAwait(false);
        var archive = Directory.GetFiles(part, "*.deb").SingleOrDefault() ?? throw new ToolException($"apt-get fetched no package {name}.");
        await ToolProcess.RunAsync("dpkg-deb", ["-x", archive, part], cancellationToken: cancellationToken).ConfigureAwait(false);
        File.Delete(archive);
        Directory.Move(part, root);
        return root;
    }

    /// <summary>Sees to it that apt knows a package.</summary>
    private static async Task EnsureListsAsync(string name, CancellationToken cancellationToken)
    {
        if (ToolProcess.Find("apt-get") is null || ToolProcess.Find("dpkg-deb") is null)
            throw new ToolException("The peer is a Debian kernel, fetched by apt-get and unpacked by dpkg-deb: run this on Debian.");
        if (await IsKnownAsync(name, cancellationToken).ConfigureAwait(false))
            return;
        if (!Environment.IsPrivilegedProcess)
            throw new ToolException($"apt does not know the package {name}; run: sudo apt-get update");
        await ToolProcess.RunAsync("apt-get", ["update"], cancellationToken: cancellationToken).ConfigureAwait(false);
        if (!await IsKnownAsync(name, cancellationToken).ConfigureAwait(false))
            throw new ToolException($"This machine's package sources have no {name}.");
    }

    private static async Task<bool> IsKnownAsync(string name, CancellationToken cancellationToken)
    {
        // Prints nothing for an unknown package, and says so by its status only when it is the only one.
        var output = await ToolProcess.RunAsync("apt-cache", ["policy", name], cancellationToken: cancellationToken).ConfigureAwait(false);
        return output.Contains("Candidate:", StringComparison.Ordinal) && !output.Contains("Candidate: (none)", StringComparison.Ordinal);
    }
}
