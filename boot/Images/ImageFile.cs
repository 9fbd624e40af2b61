namespace GuestOS.Boot.Images;

/// <summary>Puts finished images into place: a reader sees the old one or the new one, never half of it.</summary>
internal static class ImageFile
{
    /// <summary>Moves a finished file over another, across file systems too.</summary>
    public static void MoveInto(string made, string output)
    {
        var near = Prepare(output);
        File.Copy(made, near, overwrite: true);
        File.Move(near, output, overwrite: true);
    }

    /// <summary>Writes bytes as a file.</summary>
    public static async Task WriteAsync(string output, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var near = Prepare(output);
        await File.WriteAllBytesAsync(near, content, cancellationToken).ConfigureAwait(false);
        File.Move(near, output, overwrite: true);
    }

    private static string Prepare(string output)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(output))!;
        Directory.CreateDirectory(folder);
        return Path.Combine(folder, $".{Path.GetFileName(output)}.{Environment.ProcessId}.part");
    }
}
