using System.Buffers;
using System.Text.Json;
using GuestOS.Kernel.Events;

namespace GuestOS.Kernel.Tests.Fakes;

/// <summary>Keeps events as the JSON that a reader of the event log gets.</summary>
internal sealed class RecordingEvents : IEventLog
{
    private readonly List<JsonElement> _events = [];

    public IReadOnlyList<JsonElement> All
    {
        get
        {
            lock (_events)
                return [.. _events];
        }
    }

    public void Write(string kind, params ReadOnlySpan<EventMember> members)
    {
        var text = new ArrayBufferWriter<byte>();
        text.Write("{"u8);
        EventFormat.Append(text, kind, members);
        text.Write("}"u8);
        JsonElement parsed = JsonDocument.Parse(text.WrittenMemory).RootElement.Clone();
        lock (_events)
            _events.Add(parsed);
    }

    public IReadOnlyList<JsonElement> Of(string kind) => [.. All.Where(entry => entry.GetProperty("event").GetString() == kind)];

    public static string? Text(JsonElement entry, string name) => entry.TryGetProperty(name, out JsonElement value) ? value.ToString() : null;
}
