namespace GuestOS.Drivers.Ata;

/// <summary>What happened to the medium since it was asked last (MMC-4 table 96).</summary>
public enum MediumEvent
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Somebody pressed the eject button.</summary>
    EjectRequest = 1,

    /// <summary>A medium was inserted.</summary>
    NewMedium = 2,

    /// <summary>The medium was taken out.</summary>
    Removal = 3,

    /// <summary>Another medium, or another side.</summary>
    Changed = 4,

    /// <summary>A background format ended.</summary>
    FormatCompleted = 5,

    /// <summary>A background format began again.</summary>
    FormatRestarted = 6,
}

/// <summary>State of a drive's medium.</summary>
/// <param name="Event">What happened since the last question.</param>
/// <param name="IsPresent">A medium is in.</param>
/// <param name="IsTrayOpen">The tray is out.</param>
public readonly record struct MediumStatus(MediumEvent Event, bool IsPresent, bool IsTrayOpen);

/// <summary>Answer of GET EVENT STATUS NOTIFICATION, media class (MMC-4 6.6.2.5).</summary>
internal static class MediumEventReader
{
    public const int Size = 8;
    public const int MediaClass = 4;

    /// <summary>False when the drive has no media events or the answer is too short.</summary>
    public static bool TryRead(ReadOnlySpan<byte> data, out MediumStatus status)
    {
        status = default;

        // Header: length of what follows this field, then "no event available" (bit 7) and the class. Drives are known that count only what
        // follows the header: 4 instead of 6 (QEMU).
        if (data.Length < Size || ((data[0] << 8) | data[1]) < 4 || (data[2] & 0x80) != 0 || (data[2] & 7) != MediaClass)
            return false;
        var code = data[4] & 0x0F;
        status = new MediumStatus(code <= 6 ? (MediumEvent)code : MediumEvent.None, (data[5] & 2) != 0, (data[5] & 1) != 0);
        return true;
    }
}
