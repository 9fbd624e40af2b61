using System.Globalization;

namespace GuestOS.Drivers.Synthetic.Storage;

/// <summary>Place of a logical unit.</summary>
/// <param name="Path">Bus.</param>
/// <param name="Target">Target.</param>
/// <param name="Lun">Logical unit.</param>
internal readonly record struct LunAddress(byte Path, byte Target, byte Lun)
{
    /// <inheritdoc/>
    public override string ToString() => Path == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{Target}.{Lun}")
        : string.Create(CultureInfo.InvariantCulture, $"{Path}.{Target}.{Lun}");
}
