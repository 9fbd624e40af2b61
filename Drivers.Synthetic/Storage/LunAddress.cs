using System.Globalization;

namespace GuestOS.Drivers.Synthetic.Storage;

/// <summary>Place of a logical unit.</summary>
/// <param name="Path">Bus.</param>
/// <param name="Target">Target.</param>
/// <param name="Lun">Logical unit.</param>
internal readonly record struct LunAddress(byte Path, byte Target, byte Lun)
{
    /// <summary>By path, target, logical unit.</summary>
    public static IComparer<LunAddress> Order { get; } =
        Comparer<LunAddress>.Create(static (left, right) => left.Number.CompareTo(right.Number));

    private int Number => (Path << 16) | (Target << 8) | Lun;

    /// <inheritdoc/>
    public override string ToString() => Path == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{Target}.{Lun}")
        : string.Create(CultureInfo.InvariantCulture, $"{Path}.{Target}.{Lun}");
}
