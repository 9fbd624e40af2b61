using GuestOS.Kernel.Block;
using GuestOS.Kernel.FileSystems;

namespace GuestOS.Kernel.SelfTests.Soak;

/// <summary>Reads a file of the boot medium through the framework's own file API, and compares with what the file system gives directly.</summary>
internal sealed class FileWork : ISoakWork
{
    private readonly string _path;
    private readonly string _hash;

    private FileWork(string path, string hash)
    {
        _path = path;
        _hash = hash;
    }

    public string Name => "file";

    /// <summary>Takes the first file in the root of the boot medium; null when there is none.</summary>
    public static async Task<FileWork?> CreateAsync(KernelSystem system)
    {
        FileResult<FilePlace> root = await system.Files.FindAsync(KernelSystem.BootMount).ConfigureAwait(false);
        if (!root.IsSuccess)
            return null;
        FileResult<FileListing> listing = await root.Value.FileSystem.ListAsync(root.Value.Node).ConfigureAwait(false);
        if (!listing.IsSuccess || listing.Value.Nodes.FirstOrDefault(node => node.Kind == FileNodeKind.File && node.Size > 0) is not { } file)
            return null;
        FileResult<FileHash> hash = await FileHasher.HashAsync(root.Value with { Node = file }).ConfigureAwait(false);
        return hash.IsSuccess ? new FileWork($"/{KernelSystem.BootMount}/{file.Name}", hash.Value.Sha256) : null;
    }

    public bool RunRound(int seed) => Sha256.HashToText(File.ReadAllBytes(_path)) == _hash;
}
