using System.Globalization;

namespace GuestOS.Drivers.Synthetic.Storage.Protocol;

/// <summary>Version of the storage protocol: major number in the high byte.</summary>
/// <param name="Value">As on the wire.</param>
public readonly record struct StorageVersion(ushort Value) : IComparable<StorageVersion>
{
    /// <summary>Server 2008 R2 and older.</summary>
    public static StorageVersion V2_0 => new(0x0200);

    /// <summary>Windows 7 with updates.</summary>
    public static StorageVersion V4_2 => new(0x0402);

    /// <summary>Windows 8, Server 2012.</summary>
    public static StorageVersion V5_1 => new(0x0501);

    /// <summary>Windows 8.1, Server 2012 R2.</summary>
    public static StorageVersion V6_0 => new(0x0600);

    /// <summary>Windows 10, Server 2016 and later.</summary>
    public static StorageVersion V6_2 => new(0x0602);

    /// <summary>The versions that a guest asks for, in this order.</summary>
    public static ReadOnlySpan<StorageVersion> NewestFirst => Ordered;

    /// <summary>Bytes of an SRB packet on the wire.</summary>
    public int PacketSize => this >= V5_1 ? StorageHeader.PacketSize : StorageHeader.OldPacketSize;

    /// <summary>The SRB's own length field.</summary>
    public ushort SrbLength => (ushort)(PacketSize - StorageHeader.Size);

    /// <summary>Room for sense data in an answer.</summary>
    public byte SenseLength => this >= V5_1 ? (byte)20 : (byte)18;

    private static StorageVersion[] Ordered { get; } = [V6_2, V6_0, V5_1, V4_2, V2_0];

    /// <summary>Compares by age.</summary>
    public static bool operator <(StorageVersion left, StorageVersion right) => left.Value < right.Value;

    /// <summary>Compares by age.</summary>
    public static bool operator >(StorageVersion left, StorageVersion right) => left.Value > right.Value;

    /// <summary>Compares by age.</summary>
    public static bool operator <=(StorageVersion left, StorageVersion right) => left.Value <= right.Value;

    /// <summary>Compares by age.</summary>
    public static bool operator >=(StorageVersion left, StorageVersion right) => left.Value >= right.Value;

    /// <inheritdoc/>
    public int CompareTo(StorageVersion other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Value >> 8}.{Value & 0xFF}");
}
