using GuestOS.Boot.Build;

namespace GuestOS.Boot.Hosts.Lab;

/// <summary>The folder that holds the lab; it can be removed at any time while no lab is up.</summary>
/// <param name="Folder">Absolute path.</param>
internal sealed record LabCache(string Folder)
{
    private const string TreePrefix = "tree-";
    private const string MachinePrefix = "machine-";

    /// <summary>A tree that nobody has used for this long is removed.</summary>
    private static readonly TimeSpan KeptUnused = TimeSpan.FromDays(14);

    /// <summary>The lock that is held while trees and machines are made and removed.</summary>
    public string LockPath => Path.Combine(Folder, "lab.lock");

    /// <summary>Finds the user's (XDG Base Directory Specification).</summary>
    /// <param name="variable">Gives the values of environment variables.</param>
    /// <exception cref="ToolException">The environment names no place.</exception>
    public static LabCache Find(Func<string, string?> variable)
    {
        // The specification has relative paths ignored.
        if (variable("XDG_CACHE_HOME") is { } cache && Path.IsPathRooted(cache))
            return new LabCache(Path.Combine(cache, "guestos", "lab"));
        if (variable("HOME") is { } home && Path.IsPathRooted(home))
            return new LabCache(Path.Combine(home, ".cache", "guestos", "lab"));
        throw new ToolException("There is no place for the lab: set XDG_CACHE_HOME or HOME to the absolute path of a folder.");
    }

    /// <summary>Folder of a recipe's tree.</summary>
    public string TreeOf(LabRecipe recipe) => Path.Combine(Folder, TreePrefix + recipe.TreeDigest);

    /// <summary>Folder of a recipe's machine.</summary>
    public LabFolder MachineOf(LabRecipe recipe) => new(Path.Combine(Folder, MachinePrefix + recipe.MachineDigest));

    /// <summary>Folders of all trees.</summary>
    public IReadOnlyList<string> Trees => FoldersOf(TreePrefix);

    /// <summary>Folders of all machines, of other versions of this tool as well.</summary>
    public IReadOnlyList<LabFolder> Machines => FoldersOf(MachinePrefix).Select(path => new LabFolder(path)).ToList();

    /// <summary>Removes what is left of runs that were interrupted, and trees that nobody uses any more. To be called with the lock held.</summary>
    /// <param name="now">The time.</param>
    public void Clean(DateTime now)
    {
        var machines = Machines;
        foreach (var machine in machines)
        {
            machine.RemoveLeftGuests(now);
            if (machine.FindProcess() is null)
                machine.Remove();
        }

        // A machine reads its tree as long as it runs.
        if (machines.Any(machine => machine.FindProcess() is not null))
            return;
        foreach (var tree in Trees.Where(tree => !LabTree.IsComplete(tree) || now - LabTree.LastUse(tree) > KeptUnused))
            Directory.Delete(tree, recursive: true);
    }

    private string[] FoldersOf(string prefix) => Directory.Exists(Folder) ? Directory.GetDirectories(Folder, prefix + "*") : [];
}
