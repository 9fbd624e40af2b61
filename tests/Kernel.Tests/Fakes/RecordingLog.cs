using GuestOS.Kernel.Hardware;
using GuestOS.Machine;

namespace GuestOS.Kernel.Tests.Fakes;

internal sealed class RecordingLog : ILog, ILogHistory
{
    private readonly List<(LogLevel Level, string Message)> _lines = [];

    public IReadOnlyList<(LogLevel Level, string Message)> Lines
    {
        get
        {
            lock (_lines)
                return [.. _lines];
        }
    }

    public void Write(LogLevel level, string message)
    {
        lock (_lines)
            _lines.Add((level, message));
    }

    public IEnumerable<string> ReadLines() => Lines.Select(line => line.Message);

    public bool Has(LogLevel level, string part) => Lines.Any(line => line.Level == level && line.Message.Contains(part, StringComparison.Ordinal));
}
