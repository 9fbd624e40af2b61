using System.Security.Cryptography;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace GuestOS.Boot.Build;

/// <summary>Fingerprints everything that goes into a kernel image, so that it is built anew only when something of it changed.</summary>
internal static class InputDigest
{
    /// <summary>Folders (and, with a star, beginnings of folder names) at the root whose files are part of every image.</summary>
    private static readonly string[] ImageFolders = ["Machine", "Kernel", "Drivers.*", "Services", "boot/entry"];
    private static readonly string[] RootFilePatterns = ["*.props", "*.targets", "global.json", ".editorconfig"];
    private static readonly string[] OutputFolders = ["bin", "obj"];

    /// <summary>The fingerprint for one program.</summary>
    /// <param name="repository">The project.</param>
    /// <param name="program">The program's project file.</param>
    public static string Compute(Repository repository, string program)
    {
        var folders = ImageFolders.SelectMany(pattern => Expand(repository.Root, pattern)).ToHashSet(StringComparer.Ordinal);
        AddProject(Path.GetFullPath(program), folders);
        var files = folders.Where(Directory.Exists).SelectMany(FilesBelow)
            .Concat(RootFilePatterns.SelectMany(pattern => Directory.GetFiles(repository.Root, pattern)))
            .Concat(Directory.GetFiles(Path.Combine(repository.Root, "boot"), "Guest*"))
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal);

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(file + "\n"));
            hash.AppendData(SHA256.HashData(File.ReadAllBytes(file)));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string[] Expand(string root, string pattern) =>
        pattern.EndsWith('*') ? Directory.GetDirectories(root, pattern) : [Path.Combine(root, pattern)];

    private static IEnumerable<string> FilesBelow(string folder)
    {
        var inner = Directory.GetDirectories(folder).Where(path => !OutputFolders.Contains(Path.GetFileName(path)));
        return Directory.GetFiles(folder).Concat(inner.SelectMany(FilesBelow));
    }

    /// <summary>Adds a project's folder and those of the projects that it references.</summary>
    private static void AddProject(string project, HashSet<string> folders)
    {
        if (!folders.Add(Path.GetDirectoryName(project)!) || !File.Exists(project))
            return;
        XDocument document;
        try
        {
            document = XDocument.Load(project);
        }
        catch (XmlException e)
        {
            throw new ToolException($"{project} is no project file: {e.Message}", e);
        }

        foreach (var reference in document.Descendants("ProjectReference"))
            if (reference.Attribute("Include")?.Value is { } include && !include.Contains('$', StringComparison.Ordinal))
                AddProject(Path.GetFullPath(include.Replace('\\', '/'), Path.GetDirectoryName(project)!), folders);
    }
}
