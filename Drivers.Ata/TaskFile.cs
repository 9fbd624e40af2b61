namespace GuestOS.Drivers.Ata;

/// <summary>Offsets in the command block, 8 ports (ATA/ATAPI-6 5.2, table 3). Some have another meaning when written.</summary>
internal static class CommandBlock
{
    public const int Length = 8;

    /// <summary>Data, 16 bits.</summary>
    public const int Data = 0;

    /// <summary>Read: why the last command failed.</summary>
    public const int Error = 1;

    /// <summary>Written: parameter of the command.</summary>
    public const int Features = 1;

    /// <summary>Sector count; for PACKET the interrupt reason (ATA/ATAPI-6 8.23).</summary>
    public const int SectorCount = 2;

    public const int LbaLow = 3;

    /// <summary>LBA 15:8; for PACKET the low half of the byte count.</summary>
    public const int LbaMid = 4;

    /// <summary>LBA 23:16; for PACKET the high half of the byte count.</summary>
    public const int LbaHigh = 5;

    public const int Device = 6;

    /// <summary>Read: status; the read also ends a pending interrupt.</summary>
    public const int Status = 7;

    /// <summary>Written: starts a command.</summary>
    public const int Command = 7;
}

/// <summary>The control block: one register (ATA/ATAPI-6 7.7 and 7.8).</summary>
internal static class ControlBlock
{
    /// <summary>Read: status without ending an interrupt.</summary>
    public const int AlternateStatus = 0;

    /// <summary>Written: device control.</summary>
    public const int DeviceControl = 0;

    /// <summary>nIEN: the drives do not interrupt.</summary>
    public const byte InterruptsOff = 0x02;

    /// <summary>SRST: resets both drives while it is set.</summary>
    public const byte SoftReset = 0x04;

    /// <summary>HOB: the LBA and count registers read their previous content (ATA/ATAPI-6 6.20).</summary>
    public const byte HighOrderByte = 0x80;
}

/// <summary>Bits of the device register (ATA/ATAPI-6 7.7.4). Bits 7 and 5 are obsolete and were always written as one.</summary>
internal static class DeviceRegister
{
    public const byte Obsolete = 0xA0;
    public const byte Lba = 0x40;
    public const byte Drive1 = 0x10;
}

/// <summary>Status register (ATA/ATAPI-6 7.15).</summary>
[Flags]
internal enum AtaStatus : byte
{
    None = 0,

    /// <summary>ERR; CHK for PACKET.</summary>
    Error = 0x01,
    Index = 0x02,
    Corrected = 0x04,

    /// <summary>DRQ: the drive wants to transfer data.</summary>
    DataRequest = 0x08,

    /// <summary>DSC, later command dependent; SERV for PACKET.</summary>
    SeekComplete = 0x10,

    /// <summary>DF.</summary>
    DeviceFault = 0x20,

    /// <summary>DRDY.</summary>
    Ready = 0x40,

    /// <summary>BSY: no other bit is valid.</summary>
    Busy = 0x80,
}

/// <summary>Error register (ATA/ATAPI-6 7.9; ACS-2 6.3). For PACKET bits 7:4 are the sense key.</summary>
[Flags]
internal enum AtaError : byte
{
    None = 0,

    /// <summary>AMNF; for PACKET ILI.</summary>
    AddressMarkNotFound = 0x01,

    /// <summary>NM (track 0 not found in older standards); for PACKET EOM.</summary>
    NoMedium = 0x02,

    /// <summary>ABRT.</summary>
    Aborted = 0x04,

    /// <summary>MCR.</summary>
    MediumChangeRequested = 0x08,

    /// <summary>IDNF.</summary>
    IdNotFound = 0x10,

    /// <summary>MC.</summary>
    MediumChanged = 0x20,

    /// <summary>UNC on reads, WP on writes to removable media.</summary>
    Uncorrectable = 0x40,

    /// <summary>ICRC: the data was damaged on the cable (Ultra DMA).</summary>
    InterfaceCrc = 0x80,
}

/// <summary>Interrupt reason, the sector count register during PACKET (ATA/ATAPI-6 7.11, SFF-8020i 8.1.4).</summary>
[Flags]
internal enum InterruptReason : byte
{
    None = 0,

    /// <summary>C/D: a command packet or the end, not data.</summary>
    Command = 0x01,

    /// <summary>I/O: towards the host.</summary>
    ToHost = 0x02,
}

/// <summary>What the LBA mid and high registers hold after a reset (ATA/ATAPI-6 9.12).</summary>
internal static class Signature
{
    public const int Ata = 0x0000;
    public const int Atapi = 0xEB14;

    /// <summary>A SATA disk behind a bridge (SATA 2.6, 13.15).</summary>
    public const int SataDisk = 0xC33C;

    /// <summary>A SATA packet drive behind a bridge.</summary>
    public const int SataAtapi = 0x9669;
}
