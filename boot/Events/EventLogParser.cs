using System.Buffers;
using System.Text.Json;

namespace GuestOS.Boot.Events;

/// <summary>
/// Cuts the bytes of a machine's second serial port into events. What is not a whole event (firmware's messages, a line cut by a
/// machine that stopped) is skipped and counted; an event behind a firmware's unfinished line is found.
/// </summary>
internal sealed class EventLogParser
{
    /// <summary>A longer line is no event: the kernel's longest are panics with a stack trace.</summary>
    public const int LongestLine = 256 << 10;

    private readonly ArrayBufferWriter<byte> _line = new();
    private bool _overflow;

    /// <summary>Lines that were no event, empty ones not counted.</summary>
    public int SkippedLines { get; private set; }

    private static ReadOnlySpan<byte> EventStart => "{\"t\":"u8;

    /// <summary>Takes more bytes.</summary>
    /// <param name="bytes">As they came from the port.</param>
    /// <returns>The events that they complete.</returns>
    public IReadOnlyList<GuestEvent> Feed(ReadOnlySpan<byte> bytes)
    {
        List<GuestEvent>? events = null;
        while (bytes.IndexOf((byte)'\n') is >= 0 and var end)
        {
            Append(bytes[..end]);
            if (EndLine() is { } found)
                (events ??= []).Add(found);
            bytes = bytes[(end + 1)..];
        }

        Append(bytes);
        return events ?? (IReadOnlyList<GuestEvent>)[];
    }

    /// <summary>The port is closed: a line without its end is counted as skipped, unless it is a whole event.</summary>
    public IReadOnlyList<GuestEvent> Finish() => EndLine() is { } found ? [found] : [];

    /// <summary>Reads one line; null when it is no event.</summary>
    public static GuestEvent? ParseLine(ReadOnlySpan<byte> line)
    {
        for (var start = line.IndexOf(EventStart); start >= 0;)
        {
            line = line[start..];
            if (ParseObject(line) is { } found)
                return found;
            var next = line[1..].IndexOf(EventStart);
            start = next < 0 ? -1 : next + 1;
        }

        return null;
    }

    private static GuestEvent? ParseObject(ReadOnlySpan<byte> text)
    {
        try
        {
            var reader = new Utf8JsonReader(text);
            using var document = JsonDocument.ParseValue(ref reader);
            if (text[(int)reader.BytesConsumed..].Trim(" \t\r"u8).Length != 0)
                return null;
            var root = document.RootElement;
            if (root.TryGetProperty("t", out var time) && time.ValueKind == JsonValueKind.Number && time.TryGetUInt64(out var nanoseconds)
                && root.TryGetProperty("event", out var kind) && kind.ValueKind == JsonValueKind.String)
                return new GuestEvent(nanoseconds, kind.GetString()!, root.Clone());
        }
        catch (JsonException)
        {
            return null;
        }
        catch (InvalidOperationException)
        {
            // A text member that is not UTF-8.
            return null;
        }

        return null;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (_line.WrittenCount + bytes.Length > LongestLine)
            _overflow = true;
        if (!_overflow)
            _line.Write(bytes);
    }

    private GuestEvent? EndLine()
    {
        var found = _overflow ? null : ParseLine(_line.WrittenSpan);
        if (found is null && (_overflow || _line.WrittenSpan.Trim("\r \0"u8).Length != 0))
            SkippedLines++;
        _overflow = false;
        _line.ResetWrittenCount();
        return found;
    }
}
