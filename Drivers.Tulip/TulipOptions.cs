using System.Globalization;
using GuestOS.Machine;
using GuestOS.Machine.Drivers;

namespace GuestOS.Drivers.Tulip;

/// <summary>
/// Options of the driver on the kernel's command line:
/// <c>tulip.window=memory</c> reaches the registers through memory, not through ports (ports cost a hypervisor less: it has no instruction to
/// decode); <c>tulip.descriptors=chained</c> links descriptors, rather than marking the last one; <c>tulip.srom=trust</c> accepts a serial
/// ROM with a wrong checksum; <c>tulip.inline=1</c> lets code that waits for frames go on in the interrupt's thread: fewer thread
/// switches, for code that never blocks.
/// </summary>
internal sealed class TulipOptions
{
    public TulipOptions(DriverContext context)
    {
        UsesMemory = Is(context, "window", "memory", "ports");
        IsChained = Is(context, "descriptors", "chained", "ring");
        TrustsSrom = Is(context, "srom", "trust", "check");
        ContinueInline = Is(context, "inline", "1", "0");
        foreach (var (name, value) in context.Options)
        {
            if (name is not ("window" or "descriptors" or "srom" or "inline"))
                context.Log.Warning(string.Create(CultureInfo.InvariantCulture, $"unknown option tulip.{name}={value}"));
        }
    }

    /// <summary>Registers by memory.</summary>
    public bool UsesMemory { get; }

    /// <summary>Chained descriptors.</summary>
    public bool IsChained { get; }

    /// <summary>A wrong checksum is only warned of.</summary>
    public bool TrustsSrom { get; }

    /// <summary>Waiting code goes on in the interrupt's thread.</summary>
    public bool ContinueInline { get; }

    private static bool Is(DriverContext context, string name, string on, string off)
    {
        var value = context.Options.GetValueOrDefault(name, off);
        if (value != on && value != off)
            context.Log.Warning($"option tulip.{name}={value}: it takes {on} or {off}; {off} is used");
        return value == on;
    }
}
