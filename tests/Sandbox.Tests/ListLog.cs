using System.Collections.Concurrent;
using GuestOS.Machine;

namespace GuestOS.Sandbox.Tests;

/// <summary>A log that keeps its lines.</summary>
internal sealed class ListLog : ILog
{
    public ConcurrentQueue<string> Lines { get; } = new();

    public void Write(LogLevel level, string message) => Lines.Enqueue(message);
}
