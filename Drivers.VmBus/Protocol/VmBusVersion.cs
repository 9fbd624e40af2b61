using System.Globalization;

namespace GuestOS.Drivers.VmBus.Protocol;

/// <summary>A VMBus version: major in the upper half, minor in the lower.</summary>
/// <param name="Value">As on the wire.</param>
public readonly record struct VmBusVersion(uint Value) : IComparable<VmBusVersion>
{
    /// <summary>Server 2008.</summary>
    public static VmBusVersion V0_13 => new(0x0000_000D);

    /// <summary>Windows 7, Server 2008 R2.</summary>
    public static VmBusVersion V1_1 => new(0x0001_0001);

    /// <summary>Windows 8, Server 2012.</summary>
    public static VmBusVersion V2_4 => new(0x0002_0004);

    /// <summary>Windows 8.1, Server 2012 R2.</summary>
    public static VmBusVersion V3_0 => new(0x0003_0000);

    /// <summary>Windows 10, Server 2016; the highest of QEMU.</summary>
    public static VmBusVersion V4_0 => new(0x0004_0000);

    /// <summary>Windows 10 RS3.</summary>
    public static VmBusVersion V4_1 => new(0x0004_0001);

    /// <summary>Windows 10 RS3 to RS4.</summary>
    public static VmBusVersion V5_0 => new(0x0005_0000);

    /// <summary>Windows 10 RS4.</summary>
    public static VmBusVersion V5_1 => new(0x0005_0001);

    /// <summary>Windows 10 RS5, Server 2019.</summary>
    public static VmBusVersion V5_2 => new(0x0005_0002);

    /// <summary>Server 2022.</summary>
    public static VmBusVersion V5_3 => new(0x0005_0003);

    /// <summary>Newer; known from OpenVMM only.</summary>
    public static VmBusVersion V6_0 => new(0x0006_0000);

    /// <summary>All of them, the newest first.</summary>
    public static IReadOnlyList<VmBusVersion> All { get; } = [V6_0, V5_3, V5_2, V5_1, V5_0, V4_1, V4_0, V3_0, V2_4, V1_1, V0_13];

    /// <summary>Upper half.</summary>
    public int Major => (int)(Value >> 16);

    /// <summary>Lower half.</summary>
    public int Minor => (int)(Value & 0xFFFF);

    /// <summary>Older.</summary>
    public static bool operator <(VmBusVersion left, VmBusVersion right) => left.Value < right.Value;

    /// <summary>Newer.</summary>
    public static bool operator >(VmBusVersion left, VmBusVersion right) => left.Value > right.Value;

    /// <summary>Older or the same.</summary>
    public static bool operator <=(VmBusVersion left, VmBusVersion right) => left.Value <= right.Value;

    /// <summary>Newer or the same.</summary>
    public static bool operator >=(VmBusVersion left, VmBusVersion right) => left.Value >= right.Value;

    /// <summary>Reads "4.0". False for anything that is not one of <see cref="All"/>.</summary>
    public static bool TryParse(string? text, out VmBusVersion version)
    {
        foreach (var known in All)
        {
            if (known.ToString() == text)
            {
                version = known;
                return true;
            }
        }

        version = default;
        return false;
    }

    /// <inheritdoc/>
    public int CompareTo(VmBusVersion other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}");
}
