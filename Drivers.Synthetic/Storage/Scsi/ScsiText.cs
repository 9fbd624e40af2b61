using System.Text;

namespace GuestOS.Drivers.Synthetic.Storage.Scsi;

/// <summary>Texts of a device: printable ASCII, trimmed, whatever the host put there.</summary>
internal static class ScsiText
{
    /// <summary>Reads a field as far as it is there.</summary>
    public static string Read(ReadOnlySpan<byte> data, int offset, int length)
    {
        if (offset >= data.Length)
            return "";
        var field = data.Slice(offset, Math.Min(length, data.Length - offset));
        var text = new StringBuilder(field.Length);
        foreach (var value in field)
        {
            if (value == 0)
                break;
            text.Append(value is >= 0x20 and < 0x7F ? (char)value : '?');
        }

        return text.ToString().Trim();
    }
}
