using System.Globalization;
using System.Numerics;

namespace GuestOS.Drivers.Ata;

/// <summary>
/// DMA modes of a drive. Firmware has set the timings of drive and controller to match, so a mode that is selected stays. Where none is,
/// multiword DMA works with the slow timings that a controller has after reset; Ultra DMA would need the controller's own set-up.
/// </summary>
internal static class DmaModes
{
    /// <summary>The drive has a mode selected.</summary>
    public static bool IsSelected(IdentifyData identify) =>
        (identify.UltraSelected & identify.UltraModes) != 0 || (identify.MultiwordSelected & identify.MultiwordModes) != 0;

    /// <summary>Parameter of SET FEATURES for the mode to select (ATA/ATAPI-6 table 45).</summary>
    public static int SafeMode(IdentifyData identify) => identify.MultiwordModes != 0
        ? SetFeature.MultiwordDma | BitOperations.Log2(identify.MultiwordModes)
        : SetFeature.UltraDma | Math.Min(BitOperations.Log2(identify.UltraModes), 2);

    /// <summary>"UDMA5", "MWDMA2".</summary>
    public static string NameSelected(IdentifyData identify)
    {
        var ultra = identify.UltraSelected & identify.UltraModes;
        if (ultra != 0)
            return string.Create(CultureInfo.InvariantCulture, $"UDMA{BitOperations.Log2((uint)ultra)}");
        var multiword = identify.MultiwordSelected & identify.MultiwordModes;
        if (multiword == 0)
            multiword = identify.MultiwordModes;
        return multiword != 0
            ? string.Create(CultureInfo.InvariantCulture, $"MWDMA{BitOperations.Log2((uint)multiword)}")
            : string.Create(CultureInfo.InvariantCulture, $"UDMA{Math.Min(BitOperations.Log2(identify.UltraModes), 2)}");
    }
}
