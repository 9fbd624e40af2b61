using System.Globalization;

namespace GuestOS.Drivers.Synthetic.Balloon.Protocol;

/// <summary>A version of the dynamic-memory protocol: major in the upper half, minor in the lower.</summary>
/// <param name="Value">As on the wire.</param>
public readonly record struct BalloonVersion(uint Value)
{
    /// <summary>Windows 7 (Linux: VERSION_1).</summary>
    public static BalloonVersion V0_3 => new(0x0000_0003);

    /// <summary>Windows 8 (Linux: VERSION_2).</summary>
    public static BalloonVersion V1_0 => new(0x0001_0000);

    /// <summary>Windows 10 (Linux: VERSION_3).</summary>
    public static BalloonVersion V2_0 => new(0x0002_0000);

    /// <summary>All of them, the newest first.</summary>
    public static IReadOnlyList<BalloonVersion> All { get; } = [V2_0, V1_0, V0_3];

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Value >> 16}.{Value & 0xFFFF}");
}
