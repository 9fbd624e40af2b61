using System.Globalization;
using System.Text.Json;
using GuestOS.Boot.Build;
using GuestOS.Boot.Images;
using Spectre.Console;

namespace GuestOS.Bench.Figures;

/// <summary>All figures of one run of the program.</summary>
/// <param name="Title">What was run.</param>
/// <param name="Notes">How it was measured and on what; one line each.</param>
/// <param name="Figures">The figures.</param>
internal sealed record Report(string Title, IReadOnlyList<string> Notes, IReadOnlyList<Figure> Figures)
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    /// <summary>What is measured beside ours; in lower case also its name in the JSON.</summary>
    public string PeerName { get; init; } = "Debian";

    /// <summary>Shows it as a table.</summary>
    public void Print(IAnsiConsole console)
    {
        var table = new Table { Title = new TableTitle(Markup.Escape(Title)) };
        string[] peerHeadings = Figures.Any(figure => figure.Peer is not null) ? [PeerName, "ratio"] : [];
        foreach (var heading in (string[])["figure", "GuestOS", .. peerHeadings, "goal", "met"])
            table.AddColumn(Markup.Escape(heading));
        foreach (var figure in Figures)
        {
            var peer = figure.Peer is null ? "" : $"{Show(figure.Peer, figure.Unit)}{(figure.PeerNote.Length == 0 ? "" : $"\n{figure.PeerNote}")}";
            string[] peerCells = [peer, figure.Ratio is null ? "" : Show(figure.Ratio, "")];
            string[] cells =
            [
                figure.Name, Show(figure.Ours, figure.Unit), .. peerCells.Take(peerHeadings.Length),
                figure.Goal?.Text ?? "", figure.IsMet switch { true => "yes", false => "no", null => "" },
            ];
            table.AddRow([.. cells.Select(Markup.Escape)]);
        }

        console.Write(table);
        foreach (var note in Notes)
            console.WriteLine(note);
    }

    /// <summary>Writes it as JSON: the same figures with every single value.</summary>
    public async Task SaveAsync(string path, CancellationToken cancellationToken)
    {
        using var stream = new MemoryStream();
        await using (var json = new Utf8JsonWriter(stream, Indented))
        {
            json.WriteStartObject();
            json.WriteString("title", Title);
            json.WriteStartArray("notes");
            foreach (var note in Notes)
                json.WriteStringValue(note);
            json.WriteEndArray();
            json.WriteStartArray("figures");
            foreach (var figure in Figures)
                Write(json, figure);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        try
        {
            await ImageFile.WriteAsync(path, stream.ToArray(), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ToolException($"{path} cannot be written: {e.Message}", e);
        }
    }

    private void Write(Utf8JsonWriter json, Figure figure)
    {
        var peer = PeerName.ToLowerInvariant();
        json.WriteStartObject();
        json.WriteString("name", figure.Name);
        json.WriteString("unit", figure.Unit);
        Write(json, "guestos", figure.Ours);
        if (figure.Peer is not null)
            Write(json, peer, figure.Peer);
        if (figure.PeerNote.Length != 0)
            json.WriteString(peer + "Note", figure.PeerNote);
        if (figure.Ratio is { } ratio)
            Write(json, "ratio", ratio);
        if (figure.Goal is not null)
        {
            json.WriteString("goal", figure.Goal.Text);
            json.WriteBoolean("met", figure.IsMet == true);
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, Series series)
    {
        json.WriteStartObject(name);
        json.WriteNumber("median", series.Median);
        json.WriteNumber("least", series.Least);
        json.WriteNumber("most", series.Most);
        json.WriteStartArray("values");
        foreach (var value in series.Values)
            json.WriteNumberValue(value);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string Show(Series series, string unit)
    {
        var middle = Number(series.Median) + (unit.Length == 0 ? "" : " " + unit);
        return series.Values.Count == 1 ? middle : $"{middle} ({Number(series.Least)} … {Number(series.Most)})";
    }

    private static string Number(double value) => value.ToString(
        Math.Abs(value) switch
        {
            >= 1000 => "F0",
            >= 10 => "0.#",
            >= 1 => "0.##",
            _ => "0.###",
        },
        CultureInfo.InvariantCulture);
}
