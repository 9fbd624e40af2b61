using GuestOS.Kernel.FileSystems;

namespace GuestOS.Kernel.Shell;

/// <summary>Completes paths.</summary>
internal static class PathCompletion
{
    /// <summary>All paths in the directory of the path that is begun; directories end with a slash.</summary>
    public static IEnumerable<string> Complete(KernelSystem system, string start)
    {
        string directory = start[..(start.LastIndexOf('/') + 1)];
        FileResult<FilePlace> place = Wait(system.Files.FindAsync(directory));
        if (!place.IsSuccess)
            return [];
        FileResult<FileListing> listing = Wait(place.Value.FileSystem.ListAsync(place.Value.Node));
        return listing.IsSuccess
            ? listing.Value.Nodes.Select(node => directory + node.Name + (node.Kind == FileNodeKind.Directory ? "/" : ""))
            : [];
    }

    private static T Wait<T>(ValueTask<T> task) => task.AsTask().GetAwaiter().GetResult();
}
