using System.Globalization;
using System.Xml.Linq;

namespace GuestOS.Boot.Smoke;

/// <summary>Results in the XML form that CI systems read (JUnit's, as Ant writes it).</summary>
internal static class JUnitReport
{
    /// <summary>The document.</summary>
    /// <param name="results">The results.</param>
    public static XDocument Create(IReadOnlyList<ScenarioResult> results) => new(new XElement(
        "testsuites",
        new XElement(
            "testsuite",
            new XAttribute("name", "GuestOS smoke"),
            new XAttribute("tests", results.Count),
            new XAttribute("failures", results.Count(result => result.Verdict == Verdict.Failed)),
            new XAttribute("skipped", results.Count(result => result.Verdict == Verdict.Skipped)),
            new XAttribute("time", Seconds(results.Aggregate(TimeSpan.Zero, (sum, result) => sum + result.Duration))),
            results.Select(Case))));

    private static XElement Case(ScenarioResult result)
    {
        var element = new XElement(
            "testcase",
            new XAttribute("classname", "smoke"),
            new XAttribute("name", result.Scenario.Name),
            new XAttribute("time", Seconds(result.Duration)));
        if (result.Verdict == Verdict.Failed)
            element.Add(new XElement("failure", new XAttribute("message", Clean(result.Message.Split('\n')[0])), Clean($"{result.Message}\nkept: {result.Folder}")));
        if (result.Verdict == Verdict.Passed && result.Message.Length != 0)
            element.Add(new XElement("system-out", Clean(result.Message)));
        if (result.Verdict == Verdict.Skipped)
            element.Add(new XElement("skipped", new XAttribute("message", Clean(result.Message))));
        return element;
    }

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("F3", CultureInfo.InvariantCulture);

    /// <summary>Control characters, which a guest's console is full of, have no place in XML 1.0.</summary>
    private static string Clean(string text) =>
        string.Concat(text.Select(c => (char.IsControl(c) && c is not ('\n' or '\t')) || char.IsSurrogate(c) ? '?' : c));
}
