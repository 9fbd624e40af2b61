using System.Globalization;

namespace GuestOS.Sandbox.Storage.Scsi;

/// <summary>Place of a logical unit.</summary>
/// <param name="Path">Bus.</param>
/// <param name="Target">Target.</param>
/// <param name="Lun">Logical unit.</param>
public readonly record struct ScsiAddress(byte Path, byte Target, byte Lun)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Path}:{Target}:{Lun}");
}
