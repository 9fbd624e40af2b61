using GuestOS.Machine;

namespace GuestOS.Services.Tests;

/// <summary>Remembers every line.</summary>
internal sealed class RecordingLog : ILog
{
    public List<(LogLevel Level, string Message)> Lines { get; } = [];

    public void Write(LogLevel level, string message) => Lines.Add((level, message));
}
