namespace GuestOS.Kernel.FileSystems.Iso9660;

/// <summary>A contiguous piece of a file's content.</summary>
/// <param name="Position">First byte, from the start of the volume.</param>
/// <param name="Length">Bytes.</param>
internal readonly record struct IsoExtent(ulong Position, uint Length);

/// <summary>A node of an ISO 9660 volume: knows where its content is.</summary>
internal sealed record IsoNode : FileNode
{
    /// <summary>The content, in order.</summary>
    public required IReadOnlyList<IsoExtent> Extents { get; init; }

    /// <summary>The content is stored in a way that is not served.</summary>
    public string? Unreadable { get; init; }
}
