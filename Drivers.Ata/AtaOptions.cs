using GuestOS.Machine;
using GuestOS.Machine.Drivers;

namespace GuestOS.Drivers.Ata;

/// <summary>
/// Options of the driver on the kernel's command line:
/// <c>ata.pio=1</c> uses every drive by PIO, <c>ata.pio=ata0.0,ata1.0</c> only these;
/// <c>ata.inline=1</c> lets code that awaits a request go on in the interrupt's thread: fewer thread switches, for code that never blocks.
/// </summary>
internal sealed class AtaOptions
{
    private readonly bool _allPio;
    private readonly string[] _pio;

    public AtaOptions(DriverContext context)
    {
        var pio = context.Options.GetValueOrDefault("pio", "0");
        _allPio = IsOn(pio) || pio == "all";
        _pio = pio.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        ContinueInline = IsOn(context.Options.GetValueOrDefault("inline", "0"));
        foreach (var (name, value) in context.Options)
        {
            if (name is not ("pio" or "inline"))
                context.Log.Warning($"unknown option ata.{name}={value}");
        }
    }

    /// <summary>Awaiting code goes on in the interrupt's thread.</summary>
    public bool ContinueInline { get; }

    /// <summary>The drive shall be used by PIO.</summary>
    public bool PrefersPio(string drive) => _allPio || _pio.Contains(drive, StringComparer.Ordinal);

    private static bool IsOn(string value) => value is "1" or "on" or "yes" or "true";
}
