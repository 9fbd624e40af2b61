using GuestOS.Boot.Hosts.Emulated;
using GuestOS.Boot.Hosts.Lab;

namespace GuestOS.Boot.Hosts;

/// <summary>Hosts by their names on the command line.</summary>
internal static class HostChoice
{
    /// <summary>The best host that this machine offers.</summary>
    public const string Auto = "auto";

    /// <summary>The names, for help and completion.</summary>
    public static IReadOnlyList<string> Names { get; } = [Auto, EmulatedHost.HostName, LabHost.HostName];

    /// <summary>
    /// The host of a name; names are checked by the command line's parser. The best one for a machine at the keyboard is the lab where this
    /// machine's KVM has Hyper-V's interface; elsewhere emulation, since the lab takes ten times as long there.
    /// </summary>
    public static IHost Get(string name) => name switch
    {
        Auto => KvmCapabilities.Query().WhyNot is null ? new LabHost() : new EmulatedHost(),
        EmulatedHost.HostName => new EmulatedHost(),
        LabHost.HostName => new LabHost(),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "unknown host"),
    };
}
