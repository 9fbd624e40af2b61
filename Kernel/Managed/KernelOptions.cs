using GuestOS.Kernel.Core;
using GuestOS.Kernel.Events;
using GuestOS.Kernel.VmBus;
using GuestOS.Machine;
using GuestOS.Machine.Drivers;

namespace GuestOS.Kernel;

/// <summary>The options of the kernel itself, and the check that all options are known.</summary>
internal static class KernelOptions
{
    /// <summary>Self-tests to run after <c>ready</c>.</summary>
    public const string Test = "guestos.test";

    /// <summary>How the machine ends.</summary>
    public const string Exit = "guestos.exit";

    /// <summary>Name of the medium to mount at /boot, instead of the one that is found.</summary>
    public const string Boot = "guestos.boot";

    /// <summary>Most processors to start; obeyed by the low-level kernel.</summary>
    private const string Processors = "guestos.cpus";

    /// <summary>Parts of the hypervisor's interface to leave out; obeyed by the low-level kernel.</summary>
    private const string Without = "guestos.without";

    /// <summary>Nothing below a warning on the console; obeyed by the low-level kernel. Linux's word.</summary>
    private const string Quiet = "quiet";

    /// <summary>Environment variables of the program, <c>env.NAME=value</c>; set by the low-level kernel.</summary>
    private const string EnvironmentPrefix = "env.";

    /// <summary>Set by boot loaders of the Linux protocol; means nothing here.</summary>
    private const string BootImage = "BOOT_IMAGE";

    private static readonly string[] Known = [Test, Exit, Boot, Processors, Without, Quiet, BootImage];

    /// <summary>Reports every option that nobody knows, and every value that is none.</summary>
    public static void Check(KernelCommandLine commandLine, IReadOnlyList<IDriver> drivers, IEventLog events, ILog log)
    {
        foreach ((string name, string value) in commandLine.Options)
        {
            string? error = Judge(name, value, drivers);
            if (error is null)
                continue;
            log.Warning($"Kernel command line: option '{name}': {error}; it is ignored.");
            events.Write("option", new("name", value.Length == 0 ? name : $"{name}={value}"), new("error", error));
        }
    }

    /// <summary>The value of <c>guestos.exit</c>; false when it is none.</summary>
    public static bool TryParseExit(string value, out PowerKind kind)
    {
        (bool isKnown, kind) = value switch
        {
            "poweroff" => (true, PowerKind.PowerOff),
            "reboot" => (true, PowerKind.Reboot),
            "halt" => (true, PowerKind.Halt),
            "debug-port" => (true, PowerKind.DebugPort),
            _ => (false, PowerKind.PowerOff),
        };
        return isKnown;
    }

    private static string? Judge(string name, string value, IReadOnlyList<IDriver> drivers)
    {
        if (name == Exit)
            return TryParseExit(value, out _) ? null : "its value is none of poweroff, reboot, halt, debug-port";
        if (name is VmBusSettings.Switch || name.StartsWith(VmBusSettings.Switch + ".", StringComparison.Ordinal))
            return VmBusSettings.Judge(name, value);
        if (Known.Contains(name) || name.StartsWith(EnvironmentPrefix, StringComparison.Ordinal))
            return null;
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        if (dot > 0 && drivers.Any(driver => driver.Name == name[..dot]))
            return null;
        return "it is unknown";
    }
}
