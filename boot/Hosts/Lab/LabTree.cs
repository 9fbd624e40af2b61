using GuestOS.Boot.Build;
using GuestOS.Boot.Hosts.Qemu;
using GuestOS.Boot.Linux;

namespace GuestOS.Boot.Hosts.Lab;

/// <summary>The lab's file tree: files of Debian packages, unpacked and not installed. It holds the QEMU and the kernel that the lab uses.</summary>
internal sealed class LabTree
{
    private const string CompleteName = "complete";
    private const string RootName = "root";
    private static readonly string[] Unwanted = ["/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*"];

    /// <summary>Links that a Debian system has beside the folders of /usr, made by a package that is only unpacked here.</summary>
    private static readonly string[] MergedFolders = ["bin", "sbin", "lib", "lib64"];

    /// <summary>Where the lab's machine mounts something.</summary>
    private static readonly string[] MountPoints = ["dev", "proc", "sys", "tmp", "run", "mnt"];

    private readonly string _folder;
    private readonly string _version;

    private LabTree(string folder)
    {
        _folder = folder;
        var kernels = Directory.Exists(Path.Combine(Root, "boot")) ? Directory.GetFiles(Path.Combine(Root, "boot"), "vmlinuz-*") : [];
        Kernel = kernels.SingleOrDefault() ?? throw new ToolException($"The lab's tree {folder} has {kernels.Length} kernels instead of one; remove the folder.");
        _version = Path.GetFileName(Kernel)["vmlinuz-".Length..];
    }

    /// <summary>The folder that stands for the root of the file system.</summary>
    public string Root => Path.Combine(_folder, RootName);

    /// <summary>The kernel (bzImage).</summary>
    public string Kernel { get; }

    /// <summary>Modules of that kernel.</summary>
    public KernelModules Modules => new(Path.Combine(Root, "usr", "lib", "modules", _version));

    /// <summary>The tree's static busybox.</summary>
    public string Busybox => Path.Combine(Root, "usr", "bin", "busybox");

    /// <summary>The tree's QEMU as this machine runs it: with the tree's libraries, modules and firmware, whatever this machine has.</summary>
    public QemuProgram Program
    {
        get
        {
            var libraries = Path.Combine(Root, "usr", "lib", "x86_64-linux-gnu");
            var share = Path.Combine(Root, "usr", "share");
            return new QemuProgram(Path.Combine(libraries, "ld-linux-x86-64.so.2"))
            {
                Arguments =
                [
                    "--library-path", libraries, Path.Combine(Root, "usr", "bin", QemuProgram.Name),
                    "-L", Path.Combine(share, "qemu"), "-L", Path.Combine(share, "seabios"),
                ],
                Environment = new Dictionary<string, string> { ["QEMU_MODULE_DIR"] = Path.Combine(libraries, "qemu") },
            };
        }
    }

    /// <summary>Whether a folder holds a whole tree.</summary>
    public static bool IsComplete(string folder) => File.Exists(Path.Combine(folder, CompleteName));

    /// <summary>When a tree was used last.</summary>
    public static DateTime LastUse(string folder) => File.GetLastWriteTimeUtc(Path.Combine(folder, CompleteName));

    /// <summary>The tree of a recipe, of which a host has seen to it that it is there.</summary>
    /// <param name="cache">Where trees are kept.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<LabTree> OpenAsync(LabCache cache, LabRecipe recipe, CancellationToken cancellationToken)
    {
        using var gate = await FileLock.AcquireAsync(cache.LockPath, cancellationToken).ConfigureAwait(false);
        return await GetAsync(cache, recipe, null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The tree of a recipe; made when it is not there yet. To be called with the cache's lock held.</summary>
    /// <param name="cache">Where trees are kept.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="onProgress">Called with what is going on.</param>
    /// <param name="cancellationToken">Gives up; what was made so far is removed.</param>
    /// <exception cref="ToolException">Packages cannot be fetched or unpacked.</exception>
    public static async Task<LabTree> GetAsync(LabCache cache, LabRecipe recipe, Action<string>? onProgress, CancellationToken cancellationToken)
    {
        var folder = cache.TreeOf(recipe);
        if (!IsComplete(folder))
            await MakeAsync(folder, recipe, onProgress, cancellationToken).ConfigureAwait(false);
        File.SetLastWriteTimeUtc(Path.Combine(folder, CompleteName), DateTime.UtcNow);
        return new LabTree(folder);
    }

    /// <summary>
    /// mmdebstrap's command line. Nothing of the packages is run ("extract"), so that neither root's rights nor another root folder are needed.
    /// </summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="target">Folder to make.</param>
    public static IReadOnlyList<string> Arguments(LabRecipe recipe, string target) =>
    [
        "--mode=chrootless", "--variant=extract", "--format=directory", "--architectures=amd64",
        .. Unwanted.Select(pattern => "--dpkgopt=path-exclude=" + pattern),
        "--include=" + string.Join(',', recipe.Packages),
        recipe.Suite, target,
    ];

    private static async Task MakeAsync(string folder, LabRecipe recipe, Action<string>? onProgress, CancellationToken cancellationToken)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        try
        {
            // A name of its own: what an earlier, killed run started may still be writing to another one.
            var root = Path.Combine(folder, Path.GetRandomFileName());
            onProgress?.Invoke("fetching Debian's packages");
            await ToolProcess.RunAsync("mmdebstrap", Arguments(recipe, root), onLine: onProgress, cancellationToken: cancellationToken).ConfigureAwait(false);
            foreach (var name in MergedFolders.Where(name => !Path.Exists(Path.Combine(root, name)) && Directory.Exists(Path.Combine(root, "usr", name))))
                File.CreateSymbolicLink(Path.Combine(root, name), "usr/" + name);
            foreach (var name in MountPoints)
                Directory.CreateDirectory(Path.Combine(root, name));
            Directory.Move(root, Path.Combine(folder, RootName));
            await File.WriteAllTextAsync(Path.Combine(folder, CompleteName), "", cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }
}
