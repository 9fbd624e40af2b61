using System.Globalization;

namespace GuestOS.Machine.Block;

/// <summary>Which medium a device serves, whatever the device: devices with the same identity are ways to the same medium.</summary>
/// <param name="Bus">Where the machine has its media: "ide".</param>
/// <param name="Place">The place there: "0.1".</param>
public readonly record struct MediumIdentity(string Bus, string Place)
{
    /// <summary>A disk of the machine's own IDE controller. Hyper-V offers the same disk as an accelerator, which names these two numbers in its instance id.</summary>
    /// <param name="channel">0 (the ports from 0x1F0 on) or 1 (from 0x170 on).</param>
    /// <param name="device">0 or 1 on that channel.</param>
    public static MediumIdentity Ide(int channel, int device)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)channel, 1U, nameof(channel));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)device, 1U, nameof(device));
        return new MediumIdentity("ide", string.Create(CultureInfo.InvariantCulture, $"{channel}.{device}"));
    }

    /// <inheritdoc/>
    public override string ToString() => Bus + Place;
}
