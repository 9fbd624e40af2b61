using System.Globalization;

namespace GuestOS.Drivers.VmBus.Protocol;

/// <summary>Handle of a guest physical address descriptor list, chosen by the guest; 0 is none.</summary>
/// <param name="Value">The handle.</param>
public readonly record struct GpadlId(uint Value)
{
    /// <summary>The first handle that this guest gives out, as Linux does.</summary>
    public static GpadlId First => new(0xE1E10);

    /// <inheritdoc/>
    public override string ToString() => "0x" + Value.ToString("x", CultureInfo.InvariantCulture);
}
