using System.Collections.Concurrent;
using GuestOS.Machine;

namespace GuestOS.Drivers.Synthetic.Tests;

/// <summary>A log that keeps its lines.</summary>
internal sealed class ListLog : ILog
{
    public ConcurrentQueue<(LogLevel Level, string Text)> Lines { get; } = new();

    public void Write(LogLevel level, string message) => Lines.Enqueue((level, message));
}
