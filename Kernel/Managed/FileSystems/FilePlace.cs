namespace GuestOS.Kernel.FileSystems;

/// <summary>A node and the file system that it belongs to.</summary>
/// <param name="FileSystem">Its file system.</param>
/// <param name="Node">The node.</param>
internal readonly record struct FilePlace(IFileSystem FileSystem, FileNode Node);
