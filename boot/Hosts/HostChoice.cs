using GuestOS.Boot.Hosts.Emulated;

namespace GuestOS.Boot.Hosts;

/// <summary>Hosts by their names on the command line.</summary>
internal static class HostChoice
{
    /// <summary>The best host that this machine offers.</summary>
    public const string Auto = "auto";

    /// <summary>The names, for help and completion.</summary>
    public static IReadOnlyList<string> Names { get; } = [Auto, EmulatedHost.HostName];

    /// <summary>The host of a name; names are checked by the command line's parser.</summary>
    public static IHost Get(string name) => name switch
    {
        Auto or EmulatedHost.HostName => new EmulatedHost(),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "unknown host"),
    };
}
