namespace GuestOS.Boot.Images;

/// <summary>A folder for intermediate files that goes with its owner.</summary>
internal sealed class WorkFolder : IDisposable
{
    /// <summary>Makes a fresh folder. Its name is short: paths of sockets are limited to 107 bytes.</summary>
    public WorkFolder() => Path = Directory.CreateTempSubdirectory("guestos-").FullName;

    /// <summary>Absolute path.</summary>
    public string Path { get; }

    /// <summary>Path of a file in the folder.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Directory.Exists(Path))
            Directory.Delete(Path, recursive: true);
    }
}
