namespace GuestOS.Drivers.Synthetic.Storage.Protocol;

/// <summary>Other numbers of SCSI.</summary>
public static class ScsiConstants
{
    /// <summary>Service action of READ CAPACITY(16) (SBC-3, 5.16).</summary>
    public const byte ReadCapacity16Action = 0x10;

    /// <summary>Peripheral device type of a disk (SPC-4, table 147).</summary>
    public const byte DiskType = 0x00;

    /// <summary>Peripheral device type of a CD or DVD drive.</summary>
    public const byte OpticalType = 0x05;

    /// <summary>Peripheral qualifier and type of a logical unit that is not there.</summary>
    public const byte NoUnit = 0x7F;

    /// <summary>Bytes of standard INQUIRY data.</summary>
    public const int InquiryLength = 36;

    /// <summary>Fixed-format sense data: current error.</summary>
    public const byte FixedSense = 0x70;

    /// <summary>Length that holds additional sense code and qualifier.</summary>
    public const int FixedSenseLength = 18;

    /// <summary>VPD page: supported pages.</summary>
    public const byte VpdSupportedPages = 0x00;

    /// <summary>VPD page: unit serial number.</summary>
    public const byte VpdSerialNumber = 0x80;

    /// <summary>VPD page: device identification.</summary>
    public const byte VpdIdentification = 0x83;

    /// <summary>VPD page: block limits (SBC-3, 6.5.3).</summary>
    public const byte VpdBlockLimits = 0xB0;

    /// <summary>VPD page: block device characteristics.</summary>
    public const byte VpdCharacteristics = 0xB1;

    /// <summary>VPD page: logical block provisioning.</summary>
    public const byte VpdProvisioning = 0xB2;
}
