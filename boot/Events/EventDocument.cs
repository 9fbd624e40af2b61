using System.Text.RegularExpressions;

namespace GuestOS.Boot.Events;

/// <summary>
/// The events and members that boot/EVENTS.md documents, read from its headings and tables: what a machine reports beyond them is an
/// error of the machine, or of the document.
/// </summary>
internal sealed partial class EventDocument
{
    private static readonly string[] EveryEvent = ["t", "event"];
    private readonly Dictionary<string, HashSet<string>> _members;

    private EventDocument(Dictionary<string, HashSet<string>> members) => _members = members;

    /// <summary>The documented kinds of events.</summary>
    public IReadOnlyCollection<string> Kinds => _members.Keys;

    /// <summary>Reads the document of a project.</summary>
    public static EventDocument Load(Build.Repository repository) =>
        Parse(File.ReadAllLines(Path.Combine(repository.Root, "boot", "EVENTS.md")));

    /// <summary>Reads a document: a second-level heading of one word is a kind, the first cells of the table below it are its members.</summary>
    public static EventDocument Parse(IEnumerable<string> lines)
    {
        var members = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        HashSet<string>? current = null;
        foreach (var line in lines)
        {
            if (line.StartsWith('#'))
                current = KindHeading().Match(line) is { Success: true } heading ? members[heading.Groups[1].Value] = [.. EveryEvent] : null;
            else if (current is not null && MemberRow().Match(line) is { Success: true } row)
                current.UnionWith(Quoted().Matches(row.Groups[1].Value).Select(match => match.Groups[1].Value));
        }

        return new EventDocument(members);
    }

    /// <summary>Says what of an event is not documented; null when all is.</summary>
    public string? Verify(GuestEvent item)
    {
        if (!_members.TryGetValue(item.Kind, out var known))
            return $"event {item.Kind} is not documented in boot/EVENTS.md";
        var unknown = item.Members.EnumerateObject().Select(member => member.Name).FirstOrDefault(name => !known.Contains(name));
        return unknown is null ? null : $"member {unknown} of event {item.Kind} is not documented in boot/EVENTS.md";
    }

    [GeneratedRegex("^## ([a-z]+)$")]
    private static partial Regex KindHeading();

    [GeneratedRegex(@"^\|\s*(`[^|]*)\|")]
    private static partial Regex MemberRow();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();
}
