using GuestOS.Drivers.Synthetic.Storage.Protocol;

namespace GuestOS.Drivers.Synthetic.Storage.Scsi;

/// <summary>Standard INQUIRY data: as much of it as the host gave.</summary>
/// <param name="Type">Peripheral device type.</param>
/// <param name="IsConnected">There is a logical unit.</param>
/// <param name="IsRemovable">Its medium can be taken out.</param>
/// <param name="Vendor">Trimmed.</param>
/// <param name="Product">Trimmed.</param>
internal sealed record InquiryData(byte Type, bool IsConnected, bool IsRemovable, string Vendor, string Product)
{
    /// <summary>Reads it; false when there is not even a type. Texts that are cut off are what there is of them.</summary>
    public static bool TryRead(ReadOnlySpan<byte> data, out InquiryData inquiry)
    {
        inquiry = new InquiryData(0x1F, false, false, "", "");
        if (data.IsEmpty)
            return false;
        inquiry = new InquiryData(
            (byte)(data[0] & 0x1F),
            data[0] != ScsiConstants.NoUnit && data[0] >> 5 == 0,
            data.Length > 1 && (data[1] & 0x80) != 0,
            ScsiText.Read(data, 8, 8),
            ScsiText.Read(data, 16, 16));
        return true;
    }
}
