using GuestOS.Machine;

namespace GuestOS.Drivers.Tulip.Tests;

internal sealed class ListLog : ILog
{
    public List<(LogLevel Level, string Message)> Lines { get; } = [];

    public IEnumerable<string> Warnings => Lines.Where(line => line.Level >= LogLevel.Warning).Select(line => line.Message);

    public void Write(LogLevel level, string message)
    {
        lock (Lines)
            Lines.Add((level, message));
    }
}
