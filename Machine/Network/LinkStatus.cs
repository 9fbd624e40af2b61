using System.Globalization;

namespace GuestOS.Machine.Network;

/// <summary>Whether and how a network interface is connected.</summary>
/// <param name="IsUp">Frames can go.</param>
/// <param name="MegabitsPerSecond">Speed; 0 when it is unknown, or the link is down.</param>
/// <param name="IsFullDuplex">Both directions at the same time.</param>
public readonly record struct LinkStatus(bool IsUp, int MegabitsPerSecond = 0, bool IsFullDuplex = false)
{
    /// <summary>No link.</summary>
    public static LinkStatus Down => default;

    /// <inheritdoc/>
    public override string ToString() => !IsUp ? "down" : MegabitsPerSecond == 0
        ? "up"
        : string.Create(CultureInfo.InvariantCulture, $"up, {MegabitsPerSecond} Mbit/s, {(IsFullDuplex ? "full" : "half")} duplex");
}
