using System.Security.Cryptography;

namespace GuestOS.Bench.Runs;

/// <summary>
/// The file behind the measured disk, in memory where the host offers that: otherwise the host would write it back to its own disk
/// while the guests write. It is full of data, since a hole of a file is read faster.
/// </summary>
internal sealed class ScratchDisk : IDisposable
{
    private const string MemoryFolder = "/dev/shm";
    private readonly bool _inMemory = Directory.Exists(MemoryFolder);

    /// <summary>Makes it.</summary>
    /// <param name="size">Bytes.</param>
    public ScratchDisk(int size)
    {
        Path = System.IO.Path.Combine(_inMemory ? MemoryFolder : System.IO.Path.GetTempPath(), $"guestos-bench-{Environment.ProcessId}.img");
        using var file = File.Create(Path);
        file.Write(RandomNumberGenerator.GetBytes(size));
        file.Flush(flushToDisk: true);
    }

    /// <summary>Path of the file.</summary>
    public string Path { get; }

    /// <summary>Where it is, for people.</summary>
    public string Place => _inMemory ? $"in the host's memory ({MemoryFolder})" : "in the host's page cache";

    /// <inheritdoc/>
    public void Dispose() => File.Delete(Path);
}
