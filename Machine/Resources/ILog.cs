namespace GuestOS.Machine;

/// <summary>How much a log line matters.</summary>
public enum LogLevel
{
    /// <summary>For the developer of the code that writes it.</summary>
    Debug,

    /// <summary>Normal life.</summary>
    Info,

    /// <summary>Something is wrong, and was dealt with.</summary>
    Warning,

    /// <summary>Something is lost or does not work.</summary>
    Error,
}

/// <summary>Where a driver or service writes what a person should know. Never called per request on a hot path.</summary>
public interface ILog
{
    /// <summary>Writes one line.</summary>
    void Write(LogLevel level, string message);
}

/// <summary>Shorter forms.</summary>
public static class LogExtensions
{
    /// <summary>Writes at <see cref="LogLevel.Debug"/>.</summary>
    public static void Debug(this ILog log, string message) => log.Write(LogLevel.Debug, message);

    /// <summary>Writes at <see cref="LogLevel.Info"/>.</summary>
    public static void Info(this ILog log, string message) => log.Write(LogLevel.Info, message);

    /// <summary>Writes at <see cref="LogLevel.Warning"/>.</summary>
    public static void Warning(this ILog log, string message) => log.Write(LogLevel.Warning, message);

    /// <summary>Writes at <see cref="LogLevel.Error"/>.</summary>
    public static void Error(this ILog log, string message) => log.Write(LogLevel.Error, message);
}
