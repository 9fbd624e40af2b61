using GuestOS.Machine;

namespace GuestOS.Kernel.Drivers;

/// <summary>A log whose lines carry a name.</summary>
internal sealed class PrefixedLog : ILog
{
    private readonly ILog _log;
    private readonly string _prefix;

    public PrefixedLog(ILog log, string name)
    {
        _log = log;
        _prefix = name + ": ";
    }

    public void Write(LogLevel level, string message) => _log.Write(level, _prefix + message);
}
