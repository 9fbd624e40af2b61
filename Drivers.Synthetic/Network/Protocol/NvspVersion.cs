namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>Version of NVSP, the protocol between a network adapter and its switch.</summary>
/// <param name="Value">As on the wire.</param>
public readonly record struct NvspVersion(uint Value) : IComparable<NvspVersion>
{
    /// <summary>Server 2008.</summary>
    public static NvspVersion V1 => new(0x0000_0002);

    /// <summary>Server 2008 R2.</summary>
    public static NvspVersion V2 => new(0x0003_0002);

    /// <summary>Server 2012.</summary>
    public static NvspVersion V4 => new(0x0004_0000);

    /// <summary>Server 2012 R2.</summary>
    public static NvspVersion V5 => new(0x0005_0000);

    /// <summary>Server 2016.</summary>
    public static NvspVersion V6 => new(0x0006_0000);

    /// <summary>Server 2019.</summary>
    public static NvspVersion V6_1 => new(0x0006_0001);

    /// <summary>The versions that a guest asks for, in this order.</summary>
    public static ReadOnlySpan<NvspVersion> NewestFirst => Ordered;

    /// <summary>Minor number of NDIS 6 that goes with it: 1, from version 5 on 30.</summary>
    public uint NdisMinor => this >= V5 ? 30u : 1u;

    private static NvspVersion[] Ordered { get; } = [V6_1, V6, V5, V4, V2, V1];

    /// <summary>Compares by age.</summary>
    public static bool operator <(NvspVersion left, NvspVersion right) => left.Value < right.Value;

    /// <summary>Compares by age.</summary>
    public static bool operator >(NvspVersion left, NvspVersion right) => left.Value > right.Value;

    /// <summary>Compares by age.</summary>
    public static bool operator <=(NvspVersion left, NvspVersion right) => left.Value <= right.Value;

    /// <summary>Compares by age.</summary>
    public static bool operator >=(NvspVersion left, NvspVersion right) => left.Value >= right.Value;

    /// <inheritdoc/>
    public int CompareTo(NvspVersion other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value switch
    {
        0x0000_0002 => "1",
        0x0003_0002 => "2",
        0x0004_0000 => "4",
        0x0005_0000 => "5",
        0x0006_0000 => "6",
        0x0006_0001 => "6.1",
        _ => $"0x{Value:x8}",
    };
}
