using GuestOS.Drivers.VmBus.Connections;
using GuestOS.Drivers.VmBus.Protocol;

namespace GuestOS.Kernel.VmBus;

/// <summary>What the kernel command line says about VMBus.</summary>
/// <param name="IsOff">It is not used.</param>
/// <param name="Options">How the connection behaves.</param>
internal sealed record VmBusSettings(bool IsOff, VmBusOptions Options)
{
    /// <summary><c>vmbus=off</c>: no contact is tried.</summary>
    public const string Switch = "vmbus";

    /// <summary><c>vmbus.version=MAJOR.MINOR</c>: the version that is tried first.</summary>
    public const string Version = "vmbus.version";

    private const string Off = "off";

    /// <summary>Reads the options; those that cannot be read are as if they were not there.</summary>
    public static VmBusSettings Read(KernelCommandLine commandLine)
    {
        var options = new VmBusOptions();
        if (VmBusVersion.TryParse(commandLine.Find(Version), out VmBusVersion version))
            options = options with { HighestVersion = version };
        return new VmBusSettings(commandLine.Find(Switch) == Off, options);
    }

    /// <summary>What is wrong with an option's value; null when nothing is.</summary>
    public static string? Judge(string name, string value) => name switch
    {
        Switch => value == Off ? null : "its only value is off",
        Version => VmBusVersion.TryParse(value, out _) ? null : $"its value is none of {string.Join(", ", VmBusVersion.All)}",
        _ => "it is unknown",
    };
}
