namespace GuestOS.Drivers.Ata;

/// <summary>Bus master status register (SFF-8038i 3.2; PIIX4 datasheet 5.3.2).</summary>
[Flags]
internal enum BusMasterStatus : byte
{
    None = 0,

    /// <summary>Set by start, cleared after the last region or by stop. Still set after the drive's interrupt: it moved less than the table describes.</summary>
    Active = 0x01,

    /// <summary>A bus error, or a bad table; write one to clear.</summary>
    Error = 0x02,

    /// <summary>The drive's interrupt rose, and all data is in memory; write one to clear.</summary>
    Interrupt = 0x04,

    /// <summary>Firmware or driver: drive 0 is set up for DMA.</summary>
    Drive0Capable = 0x20,

    /// <summary>Firmware or driver: drive 1 is set up for DMA.</summary>
    Drive1Capable = 0x40,

    /// <summary>Only one channel at a time.</summary>
    Simplex = 0x80,
}
