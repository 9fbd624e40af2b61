using System.Text;
using GuestOS.Boot.Build;

namespace GuestOS.Boot.Linux;

/// <summary>Modules of a Linux kernel, in the order in which they can be loaded.</summary>
/// <param name="folder">The kernel's folder below /lib/modules.</param>
internal sealed class KernelModules(string folder)
{
    private const string CompressedSuffix = ".xz";
    private readonly Dictionary<string, string> _files = Directory
        .EnumerateFiles(folder, "*.ko*", SearchOption.AllDirectories)
        .ToDictionary(NameOf, path => path, StringComparer.Ordinal);

    /// <summary>Modules with all that they depend on, which comes first.</summary>
    public async Task<IReadOnlyList<KernelModule>> CollectAsync(IEnumerable<string> names, CancellationToken cancellationToken)
    {
        List<KernelModule> ordered = [];
        foreach (var name in names)
            await AddAsync(name, ordered, cancellationToken).ConfigureAwait(false);
        return ordered;
    }

    private async Task AddAsync(string name, List<KernelModule> ordered, CancellationToken cancellationToken)
    {
        if (ordered.Any(module => module.Name == name))
            return;
        if (!_files.TryGetValue(name, out var path))
            throw new ToolException($"The Debian kernel has no module {name} below {folder}.");
        var content = await ReadAsync(path, cancellationToken).ConfigureAwait(false);
        foreach (var dependency in DependenciesOf(content))
            await AddAsync(dependency, ordered, cancellationToken).ConfigureAwait(false);
        ordered.Add(new KernelModule(name, content));
    }

    /// <summary>A file may write a dash where the module's name has an underscore.</summary>
    private static string NameOf(string path)
    {
        var file = Path.GetFileName(path);
        return file[..file.IndexOf('.', StringComparison.Ordinal)].Replace('-', '_');
    }

    private static async Task<byte[]> ReadAsync(string path, CancellationToken cancellationToken)
    {
        if (!path.EndsWith(CompressedSuffix, StringComparison.Ordinal))
            return await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false);

        // Replaces the file: the next time it is there as it is needed.
        await ToolProcess.RunAsync("xz", ["--decompress", "--force", path], cancellationToken: cancellationToken).ConfigureAwait(false);
        return await File.ReadAllBytesAsync(path[..^CompressedSuffix.Length], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The entry "depends=a,b" of the module's section .modinfo, whose entries end with a zero.</summary>
    private static IEnumerable<string> DependenciesOf(byte[] module)
    {
        var start = module.AsSpan().IndexOf("\0depends="u8);
        if (start < 0)
            return [];
        var value = module.AsSpan(start + "\0depends=".Length);
        return Encoding.ASCII.GetString(value[..value.IndexOf((byte)0)])
            .Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Select(name => name.Replace('-', '_'));
    }
}

/// <summary>A module.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Content">Its ELF, uncompressed.</param>
internal sealed record KernelModule(string Name, byte[] Content);
