using Microsoft.Win32.SafeHandles;

namespace GuestOS.Sandbox.Storage.Images;

/// <summary>A raw image in a file.</summary>
public sealed class FileImage : IDiskImage, IDisposable
{
    private const int ZeroChunk = 64 * 1024;
    private static readonly byte[] Zeros = new byte[ZeroChunk];
    private readonly SafeFileHandle _file;

    /// <param name="path">The file.</param>
    /// <param name="isReadOnly">Opens it for reading only.</param>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public FileImage(string path, bool isReadOnly = false)
    {
        _file = File.OpenHandle(path, FileMode.Open, isReadOnly ? FileAccess.Read : FileAccess.ReadWrite, FileShare.Read);
        Length = RandomAccess.GetLength(_file);
    }

    /// <inheritdoc/>
    public long Length { get; }

    /// <inheritdoc/>
    public void Read(long offset, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            var count = RandomAccess.Read(_file, destination, offset);
            if (count == 0)
                throw new EndOfStreamException($"The image ends at {offset}, before its {Length} bytes.");
            offset += count;
            destination = destination[count..];
        }
    }

    /// <inheritdoc/>
    public void Write(long offset, ReadOnlySpan<byte> source) => RandomAccess.Write(_file, source, offset);

    /// <inheritdoc/>
    public void Clear(long offset, long count)
    {
        for (; count > 0; offset += ZeroChunk, count -= ZeroChunk)
            RandomAccess.Write(_file, Zeros.AsSpan(0, (int)Math.Min(count, ZeroChunk)), offset);
    }

    /// <inheritdoc/>
    public void Flush() => RandomAccess.FlushToDisk(_file);

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();
}
