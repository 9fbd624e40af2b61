using System.Globalization;
using GuestOS.Kernel.FileSystems;

namespace GuestOS.Kernel.Shell.Commands;

/// <summary>Lists a directory.</summary>
internal sealed class LsCommand : ICommand
{
    public string Name => "ls";

    public string Arguments => "[path]";

    public string Summary => "lists a directory; / by default";

    public IEnumerable<string> Complete(KernelSystem system, string start) => PathCompletion.Complete(system, start);

    public async ValueTask ExecuteAsync(CommandContext context)
    {
        string path = context.Arguments.Count == 0 ? "/" : context.RequireOne("one path");
        FileResult<FilePlace> place = await context.System.Files.FindAsync(path, cancellationToken: context.CancellationToken).ConfigureAwait(false);
        if (!place.IsSuccess)
            throw new CommandException(place.Error.Message);
        IReadOnlyList<FileNode> nodes = [place.Value.Node];
        if (place.Value.Node.Kind == FileNodeKind.Directory)
        {
            FileResult<FileListing> listing = await place.Value.FileSystem.ListAsync(place.Value.Node, context.CancellationToken).ConfigureAwait(false);
            nodes = listing.IsSuccess ? listing.Value.Nodes : throw new CommandException(listing.Error.Message);
        }

        context.Output.WriteTable(
            ["KIND", "SIZE", "CHANGED", "NAME"],
            nodes.Select(node => new[]
            {
                Kind(node.Kind),
                node.Size.ToString(CultureInfo.InvariantCulture),
                node.Modified.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
                node.Kind == FileNodeKind.Link ? $"{node.Name} -> {node.LinkTarget}" : node.Name,
            }));
    }

    private static string Kind(FileNodeKind kind) => kind switch
    {
        FileNodeKind.Directory => "dir",
        FileNodeKind.Link => "link",
        _ => "file",
    };
}
