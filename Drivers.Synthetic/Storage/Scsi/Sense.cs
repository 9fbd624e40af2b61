using System.Globalization;
using GuestOS.Drivers.Synthetic.Storage.Protocol;

namespace GuestOS.Drivers.Synthetic.Storage.Scsi;

/// <summary>What sense data says.</summary>
/// <param name="Key">Sense key.</param>
/// <param name="Code">Additional sense code.</param>
/// <param name="Qualifier">Its qualifier.</param>
internal readonly record struct Sense(SenseKey Key, byte Code, byte Qualifier)
{
    private const byte CodeMask = 0x7F;
    private const byte DescriptorFormat = 0x72;

    /// <summary>Reads fixed or descriptor format (SPC-4, 4.5), current errors only. False when there is nothing that can be understood.</summary>
    public static bool TryRead(ReadOnlySpan<byte> data, out Sense sense)
    {
        sense = default;
        if (data.Length < 3)
            return false;
        switch (data[0] & CodeMask)
        {
            case ScsiConstants.FixedSense:
                sense = new Sense((SenseKey)(data[2] & 0xF), data.Length > 12 ? data[12] : (byte)0, data.Length > 13 ? data[13] : (byte)0);
                return true;
            case DescriptorFormat when data.Length >= 4:
                sense = new Sense((SenseKey)(data[1] & 0xF), data[2], data[3]);
                return true;
            default:
                return false;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"sense {Key} {Code:x2}/{Qualifier:x2}");
}
