using System.Xml;
using System.Xml.Linq;
using GuestOS.Boot.Build;

namespace GuestOS.Coverage;

/// <summary>What all runs of tests together saw, by assembly and file.</summary>
internal sealed class CoverageData
{
    private readonly SortedDictionary<string, SortedDictionary<string, LineSet>> _assemblies = new(StringComparer.Ordinal);

    /// <summary>Files by the name of their assembly.</summary>
    public IReadOnlyDictionary<string, SortedDictionary<string, LineSet>> Assemblies => _assemblies;

    /// <summary>Adds one report in Cobertura's form. Its files are relative to one of the folders that it names first.</summary>
    /// <exception cref="ToolException">It cannot be read, or is something else.</exception>
    public void Add(string path)
    {
        try
        {
            Add(XDocument.Load(path).Root!);
        }
        catch (Exception e) when (e is XmlException or IOException or UnauthorizedAccessException or FormatException)
        {
            throw new ToolException($"{path} is no coverage report: {e.Message}", e);
        }
    }

    private void Add(XElement report)
    {
        var folders = report.Elements("sources").Elements("source").Select(folder => folder.Value).ToList();
        foreach (var package in report.Elements("packages").Elements("package"))
        {
            var files = Get(_assemblies, Text(package, "name"), () => new SortedDictionary<string, LineSet>(StringComparer.Ordinal));
            foreach (var type in package.Elements("classes").Elements("class"))
            {
                var name = Text(type, "filename");
                var file = folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists) ?? name;
                var lines = Get(files, Path.GetFullPath(file), () => new LineSet());
                foreach (var line in type.Elements("lines").Elements("line"))
                    lines.Add(Number(line, "number"), Number(line, "hits") > 0);
            }
        }
    }

    private static TValue Get<TValue>(SortedDictionary<string, TValue> all, string key, Func<TValue> create)
    {
        if (!all.TryGetValue(key, out var value))
            all.Add(key, value = create());
        return value;
    }

    private static string Text(XElement element, string name) =>
        element.Attribute(name)?.Value ?? throw new FormatException($"<{element.Name}> has no {name}.");

    private static int Number(XElement element, string name) => XmlConvert.ToInt32(Text(element, name));
}
