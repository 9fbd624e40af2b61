using System.Globalization;
using GuestOS.Machine;
using GuestOS.Machine.Drivers;

namespace GuestOS.Drivers.Synthetic.Storage;

/// <summary>
/// Options of the driver on the kernel's command line: <c>storvsc.channels=N</c> uses at most N channels of a controller;
/// <c>storvsc.inline=1</c> lets code that awaits a request go on in the channel's thread: fewer thread switches, for code that never blocks.
/// </summary>
internal sealed class StorvscOptions
{
    public StorvscOptions(DriverContext context)
    {
        ContinueInline = context.Options.GetValueOrDefault("inline", "0") is "1" or "on" or "yes" or "true";
        MostChannels = int.MaxValue;
        foreach (var (name, value) in context.Options)
        {
            if (name == "channels" && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var channels) && channels > 0)
                MostChannels = channels;
            else if (name != "inline")
                context.Log.Warning($"option storvsc.{name}={value} is not understood");
        }
    }

    /// <summary>Awaiting code goes on in the channel's thread.</summary>
    public bool ContinueInline { get; }

    /// <summary>Channels of a controller, the primary included.</summary>
    public int MostChannels { get; }
}
