using System.Buffers;
using System.Text.Json;
using GuestOS.Kernel.Events;

namespace GuestOS.Kernel.Tests.Fakes;

/// <summary>Keeps events as the JSON that a reader of the event log gets.</summary>
internal sealed class RecordingEvents : IEventLog
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<JsonElement> _events = [];
    private readonly List<(Func<bool> IsSo, TaskCompletionSource End)> _waits = [];

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
        {
            _events.Add(parsed);
            _waits.RemoveAll(wait => wait.IsSo() && wait.End.TrySetResult());
        }
    }

    /// <summary>Waits until so many events of a kind that are wanted have been written; the last of them.</summary>
    /// <exception cref="TimeoutException">They were not within a minute.</exception>
    public async Task<JsonElement> WaitForAsync(string kind, Func<JsonElement, bool> isWanted, int times = 1)
    {
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_events)
        {
            if (IsSo())
                end.SetResult();
            else
                _waits.Add((IsSo, end));
        }

        await end.Task.WaitAsync(Patience);
        return Of(kind).Where(isWanted).ElementAt(times - 1);

        bool IsSo() => Of(kind).Count(isWanted) >= times;
    }

    public IReadOnlyList<JsonElement> Of(string kind) => [.. All.Where(entry => entry.GetProperty("event").GetString() == kind)];

    public static string? Text(JsonElement entry, string name) => entry.TryGetProperty(name, out JsonElement value) ? value.ToString() : null;
}
