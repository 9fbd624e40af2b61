using System.Globalization;
using System.Text;
using GuestOS.Boot.Linux;

namespace GuestOS.Boot.Hosts.Lab;

/// <summary>What the lab's machine starts from: busybox, kernel modules, the two scripts.</summary>
internal static class LabInitramfs
{
    private static readonly string[] Folders = ["bin", "dev", "proc", "sys", "modules", "tree", "share", "tmp"];

    /// <summary>Makes the archive.</summary>
    /// <param name="tree">Where programs and modules come from.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public static async Task<byte[]> CreateAsync(LabTree tree, LabRecipe recipe, CancellationToken cancellationToken)
    {
        using var archive = new CpioArchive();
        foreach (var folder in Folders)
            archive.AddFolder(folder);
        archive.AddDevice("dev/console", 5, 1);
        archive.AddProgram("bin/busybox", await File.ReadAllBytesAsync(tree.Busybox, cancellationToken).ConfigureAwait(false));
        archive.AddProgram("init", Encoding.UTF8.GetBytes(recipe.Init));
        archive.AddProgram("agent", Encoding.UTF8.GetBytes(recipe.Agent));

        // The machine loads them in the order of their names.
        var modules = await tree.Modules.CollectAsync(recipe.Modules, cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < modules.Count; i++)
            archive.AddProgram(string.Create(CultureInfo.InvariantCulture, $"modules/{i:D2}-{modules[i].Name}.ko"), modules[i].Content);
        return archive.Finish();
    }
}
