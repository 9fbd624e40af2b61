using System.Security.Cryptography;
using System.Text;
using GuestOS.Boot.Build;

namespace GuestOS.Boot.Images;

/// <summary>The files of a boot medium, in memory, with fixed order and times.</summary>
internal sealed class MediumContent
{
    /// <summary>Modification time of everything on a medium: 1 January 2025, so that the same input gives the same image.</summary>
    public static readonly DateTimeOffset FixedTime = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private const int HundredthsOfDay = 24 * 60 * 60 * 100;
    private readonly SortedDictionary<string, byte[]> _files = new(StringComparer.Ordinal);

    private MediumContent()
    {
    }

    /// <summary>Paths (absolute on the medium) and bytes.</summary>
    public IReadOnlyDictionary<string, byte[]> Files => _files;

    /// <summary>SHA-256 over names and contents.</summary>
    public byte[] Digest
    {
        get
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (var (path, content) in _files)
            {
                hash.AppendData(Encoding.UTF8.GetBytes(path + "\n"));
                hash.AppendData(SHA256.HashData(content));
            }

            return hash.GetHashAndReset();
        }
    }

    /// <summary>
    /// The volume's modification date, which is also the name by which GRUB finds it: the fixed day, the time of day from the content,
    /// so that two media in one machine are told apart.
    /// </summary>
    public DateTimeOffset VolumeDate =>
        FixedTime.AddMilliseconds(BitConverter.ToUInt32(Digest) % HundredthsOfDay * 10.0);

    /// <summary>The ordinary content of a boot medium.</summary>
    /// <param name="repository">Where README and licence are.</param>
    /// <param name="kernel">The kernel, stripped.</param>
    /// <param name="append">Kernel options that are part of the image.</param>
    public static MediumContent Create(Repository repository, byte[] kernel, string append)
    {
        var content = new MediumContent();
        content._files[GrubLoader.KernelPath] = kernel;
        content._files[GrubLoader.Folder + "/grub.cfg"] = Encoding.ASCII.GetBytes(GrubLoader.Configuration(append));
        foreach (var name in new[] { "README.md", "LICENSE" })
            if (Path.Combine(repository.Root, name) is var path && File.Exists(path))
                content._files["/" + name] = File.ReadAllBytes(path);
        return content;
    }

    /// <summary>Content with other files; for media that are only data.</summary>
    public static MediumContent Of(IEnumerable<KeyValuePair<string, byte[]>> files)
    {
        var content = new MediumContent();
        foreach (var (path, bytes) in files)
            content._files[path] = bytes;
        return content;
    }

    /// <summary>The same content and one more file.</summary>
    public MediumContent With(string path, byte[] bytes) => Of(_files.Append(new(path, bytes)));

    /// <summary>Writes the files below a folder, with the fixed time.</summary>
    public void WriteTo(string folder)
    {
        foreach (var (path, bytes) in _files)
        {
            var file = Path.Combine(folder, path.TrimStart('/'));
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file, bytes);
            File.SetLastWriteTimeUtc(file, FixedTime.UtcDateTime);
        }

        foreach (var inner in Directory.GetDirectories(folder, "*", SearchOption.AllDirectories).Append(folder))
            Directory.SetLastWriteTimeUtc(inner, FixedTime.UtcDateTime);
    }
}
