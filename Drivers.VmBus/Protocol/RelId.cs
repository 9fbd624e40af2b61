using System.Globalization;

namespace GuestOS.Drivers.VmBus.Protocol;

/// <summary>A channel id, valid for one offer.</summary>
/// <param name="Value">1 to <see cref="Highest"/> when valid.</param>
public readonly record struct RelId(uint Value)
{
    /// <summary>Highest id: the event flags of a SINT are 2048 bits.</summary>
    public const uint Highest = 2047;

    /// <summary>True from 1 to <see cref="Highest"/>.</summary>
    public bool IsValid => Value is >= 1 and <= Highest;

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
