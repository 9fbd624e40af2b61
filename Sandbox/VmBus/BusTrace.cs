using System.Text;
using GuestOS.Drivers.VmBus.Protocol.Messages;

namespace GuestOS.Sandbox.VmBus;

/// <summary>Every message, packet and signal of a host, in order: for assertions, and to be printed when a test fails.</summary>
public sealed class BusTrace
{
    private readonly Lock _gate = new();
    private readonly Queue<TraceEntry> _entries = new();
    private readonly TimeProvider _clock;
    private readonly long _start;

    /// <param name="clock">Time.</param>
    /// <param name="capacity">Entries that are kept; the oldest go first.</param>
    public BusTrace(TimeProvider clock, int capacity = 20_000)
    {
        ArgumentNullException.ThrowIfNull(clock);
        _clock = clock;
        _start = clock.GetTimestamp();
        Capacity = capacity;
    }

    /// <summary>Entries that are kept; 0 keeps nothing, for measurements.</summary>
    public int Capacity { get; set; }

    /// <summary>Entries that were forgotten.</summary>
    public long Forgotten { get; private set; }

    /// <summary>What is kept now.</summary>
    public IReadOnlyList<TraceEntry> Entries
    {
        get
        {
            lock (_gate)
                return [.. _entries];
        }
    }

    /// <summary>Channel messages of one type, oldest first; of both directions, since every type has one.</summary>
    public IReadOnlyList<TraceEntry> Messages(MessageType type) =>
        [.. Entries.Where(entry => entry.Kind is TraceKind.MessageFromGuest or TraceKind.MessageToGuest
            && entry.Bytes.Length >= 4 && BitConverter.ToUInt32(entry.Bytes) == (uint)type)];

    /// <summary>Entries of one kind, oldest first.</summary>
    public IReadOnlyList<TraceEntry> Of(TraceKind kind) => [.. Entries.Where(entry => entry.Kind == kind)];

    /// <summary>Types of all channel messages in order: "&gt;InitiateContact" of the guest, "&lt;VersionResponse" to it.</summary>
    public IReadOnlyList<string> MessageTypes() =>
        [.. Entries.Where(entry => entry.Kind is TraceKind.MessageFromGuest or TraceKind.MessageToGuest).Select(entry =>
            (entry.Kind == TraceKind.MessageFromGuest ? ">" : "<") + (entry.Bytes.Length >= 4 ? ((MessageType)BitConverter.ToUInt32(entry.Bytes)).ToString() : "?"))];

    /// <summary>Adds an entry.</summary>
    public void Add(TraceKind kind, uint relId, string text, ReadOnlySpan<byte> bytes = default)
    {
        if (Capacity == 0)
            return;
        var entry = new TraceEntry(_clock.GetElapsedTime(_start), kind, relId, text, bytes.ToArray());
        lock (_gate)
        {
            _entries.Enqueue(entry);
            while (_entries.Count > Capacity)
            {
                _entries.Dequeue();
                Forgotten++;
            }
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        lock (_gate)
            _entries.Clear();
    }

    /// <summary>All of it, one entry a line.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        if (Forgotten > 0)
            text.Append(Forgotten).AppendLine(" older entries are forgotten");
        foreach (var entry in Entries)
            text.AppendLine(entry.ToString());
        return text.ToString();
    }
}
