using System.Collections.Concurrent;
using GuestOS.Machine;

namespace GuestOS.Testing;

/// <summary>A log that keeps its lines.</summary>
public sealed class ListLog : ILog
{
    /// <summary>All lines, in order.</summary>
    public ConcurrentQueue<(LogLevel Level, string Text)> Lines { get; } = new();

    /// <summary>Warnings and errors.</summary>
    public IEnumerable<string> Warnings => Lines.Where(line => line.Level >= LogLevel.Warning).Select(line => line.Text);

    /// <inheritdoc/>
    public void Write(LogLevel level, string message) => Lines.Enqueue((level, message));
}
