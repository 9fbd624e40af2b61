namespace GuestOS.Drivers.Synthetic.Storage.Protocol;

/// <summary>SCSI commands (SPC-4, SBC-3, MMC-6).</summary>
public enum ScsiOpcode : byte
{
    /// <summary>TEST UNIT READY.</summary>
    TestUnitReady = 0x00,

    /// <summary>REQUEST SENSE.</summary>
    RequestSense = 0x03,

    /// <summary>READ(6).</summary>
    Read6 = 0x08,

    /// <summary>WRITE(6).</summary>
    Write6 = 0x0A,

    /// <summary>INQUIRY.</summary>
    Inquiry = 0x12,

    /// <summary>MODE SENSE(6).</summary>
    ModeSense6 = 0x1A,

    /// <summary>START STOP UNIT.</summary>
    StartStopUnit = 0x1B,

    /// <summary>PREVENT ALLOW MEDIUM REMOVAL.</summary>
    PreventAllow = 0x1E,

    /// <summary>READ CAPACITY(10).</summary>
    ReadCapacity10 = 0x25,

    /// <summary>READ(10).</summary>
    Read10 = 0x28,

    /// <summary>WRITE(10).</summary>
    Write10 = 0x2A,

    /// <summary>VERIFY(10).</summary>
    Verify10 = 0x2F,

    /// <summary>SYNCHRONIZE CACHE(10).</summary>
    SynchronizeCache10 = 0x35,

    /// <summary>WRITE SAME(10).</summary>
    WriteSame10 = 0x41,

    /// <summary>UNMAP.</summary>
    Unmap = 0x42,

    /// <summary>READ TOC.</summary>
    ReadToc = 0x43,

    /// <summary>GET CONFIGURATION.</summary>
    GetConfiguration = 0x46,

    /// <summary>GET EVENT STATUS NOTIFICATION.</summary>
    GetEventStatus = 0x4A,

    /// <summary>MODE SENSE(10).</summary>
    ModeSense10 = 0x5A,

    /// <summary>READ(16).</summary>
    Read16 = 0x88,

    /// <summary>WRITE(16).</summary>
    Write16 = 0x8A,

    /// <summary>VERIFY(16).</summary>
    Verify16 = 0x8F,

    /// <summary>SYNCHRONIZE CACHE(16).</summary>
    SynchronizeCache16 = 0x91,

    /// <summary>WRITE SAME(16).</summary>
    WriteSame16 = 0x93,

    /// <summary>SERVICE ACTION IN(16): <see cref="ScsiConstants.ReadCapacity16Action"/>.</summary>
    ServiceActionIn16 = 0x9E,

    /// <summary>REPORT LUNS.</summary>
    ReportLuns = 0xA0,

    /// <summary>READ(12).</summary>
    Read12 = 0xA8,

    /// <summary>WRITE(12).</summary>
    Write12 = 0xAA,
}
