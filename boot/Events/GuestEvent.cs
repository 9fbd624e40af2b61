using System.Globalization;
using System.Text.Json;

namespace GuestOS.Boot.Events;

/// <summary>One line of a machine's event log; see boot/EVENTS.md.</summary>
/// <param name="Time">Nanoseconds since kernel entry.</param>
/// <param name="Kind">The kind of event.</param>
/// <param name="Members">All members of the line.</param>
internal sealed record GuestEvent(ulong Time, string Kind, JsonElement Members)
{
    /// <summary>A member as text: texts as they are, everything else as JSON; null when it is absent.</summary>
    public string? Text(string member) =>
        Members.TryGetProperty(member, out var value)
            ? value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText()
            : null;

    /// <summary>A member as an integer; null when it is absent or none.</summary>
    public long? Number(string member) =>
        Members.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number)
            ? number
            : null;

    /// <summary>Whether the event's <c>result</c> is <c>ok</c>.</summary>
    public bool IsOk => Text("result") == "ok";

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Time / 1e6,10:F3} ms {Members.GetRawText()}");
}
