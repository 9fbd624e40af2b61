using GuestOS.Kernel.Block;

namespace GuestOS.Kernel.FileSystems;

/// <summary>Hash of a whole file.</summary>
/// <param name="Length">Bytes hashed.</param>
/// <param name="Sha256">64 lower-case hexadecimal digits.</param>
internal sealed record FileHash(ulong Length, string Sha256);

/// <summary>Hashes files.</summary>
internal static class FileHasher
{
    private const int ChunkSize = 256 * 1024;

    /// <summary>Reads and hashes a file.</summary>
    public static async Task<FileResult<FileHash>> HashAsync(FilePlace file, CancellationToken cancellationToken = default)
    {
        var hash = new Sha256();
        var buffer = GC.AllocateUninitializedArray<byte>(ChunkSize);
        ulong length = 0;
        while (true)
        {
            FileResult<int> read = await file.FileSystem.ReadAsync(file.Node, length, buffer, cancellationToken).ConfigureAwait(false);
            if (!read.IsSuccess)
                return read.Error;
            if (read.Value == 0)
                return new FileHash(length, hash.Finish());
            hash.Append(buffer.AsSpan(0, read.Value));
            length += (ulong)read.Value;
        }
    }
}
