using System.Globalization;

namespace GuestOS.Drivers.Ata;

/// <summary>Sense data in fixed format (SPC-3 4.5.3): why a packet command failed.</summary>
/// <param name="Key">Sense key.</param>
/// <param name="Code">Additional sense code.</param>
/// <param name="Qualifier">Additional sense code qualifier.</param>
/// <param name="Information">The information field when valid: for reads the failed block.</param>
internal readonly record struct ScsiSense(byte Key, byte Code, byte Qualifier, uint? Information)
{
    /// <summary>Bytes asked for by REQUEST SENSE.</summary>
    public const int Size = 18;

    public const byte NoSense = 0;
    public const byte RecoveredError = 1;
    public const byte NotReady = 2;
    public const byte MediumErrorKey = 3;
    public const byte HardwareError = 4;
    public const byte IllegalRequest = 5;
    public const byte UnitAttention = 6;
    public const byte DataProtect = 7;
    public const byte BlankCheck = 8;
    public const byte AbortedCommand = 0xB;

    /// <summary>MEDIUM NOT PRESENT, any qualifier.</summary>
    public bool IsNoMedium => Key == NotReady && Code == 0x3A;

    /// <summary>LOGICAL UNIT IS IN PROCESS OF BECOMING READY and its relatives (04/01, 04/07, 04/08).</summary>
    public bool IsBecomingReady => Key == NotReady && Code == 0x04 && Qualifier is 0x01 or 0x07 or 0x08;

    /// <summary>NOT READY TO READY CHANGE, MEDIUM MAY HAVE CHANGED; or the operator asks for the medium (5A/01).</summary>
    public bool IsMediumChanged => Key == UnitAttention && Code is 0x28 or 0x5A;

    /// <summary>False when too short or of an unknown format (response code 70 or 71).</summary>
    public static bool TryRead(ReadOnlySpan<byte> data, out ScsiSense sense)
    {
        sense = default;
        if (data.Length < 3 || (data[0] & 0x7E) != 0x70)
            return false;
        uint? information = (data[0] & 0x80) != 0 && data.Length >= 7
            ? ((uint)data[3] << 24) | ((uint)data[4] << 16) | ((uint)data[5] << 8) | data[6]
            : null;

        // The additional length says whether code and qualifier are there at all.
        var length = data.Length >= 8 ? Math.Min(data.Length, 8 + data[7]) : data.Length;
        sense = new ScsiSense((byte)(data[2] & 0x0F), length > 12 ? data[12] : (byte)0, length > 13 ? data[13] : (byte)0, information);
        return true;
    }

    /// <summary>"sense 3/11/00 medium error".</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"sense {Key:x}/{Code:x2}/{Qualifier:x2} {ScsiText.Key(Key)}");
}
