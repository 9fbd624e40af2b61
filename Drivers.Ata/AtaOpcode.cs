namespace GuestOS.Drivers.Ata;

/// <summary>Command codes (ATA/ATAPI-6 table 15; DATA SET MANAGEMENT from ACS-2 7.5).</summary>
internal enum AtaOpcode : byte
{
    DataSetManagement = 0x06,
    DeviceReset = 0x08,
    ReadSectors = 0x20,
    ReadSectorsExt = 0x24,
    ReadDmaExt = 0x25,
    ReadMultipleExt = 0x29,
    WriteSectors = 0x30,
    WriteSectorsExt = 0x34,
    WriteDmaExt = 0x35,
    WriteMultipleExt = 0x39,
    Packet = 0xA0,
    IdentifyPacketDevice = 0xA1,
    ReadMultiple = 0xC4,
    WriteMultiple = 0xC5,
    SetMultipleMode = 0xC6,
    ReadDma = 0xC8,
    WriteDma = 0xCA,
    FlushCache = 0xE7,
    FlushCacheExt = 0xEA,
    IdentifyDevice = 0xEC,
    SetFeatures = 0xEF,
}

/// <summary>Subcommands of SET FEATURES in the features register (ATA/ATAPI-6 table 44).</summary>
internal static class SetFeature
{
    /// <summary>Set the transfer mode given in the sector count register.</summary>
    public const byte TransferMode = 0x03;

    /// <summary>Transfer mode: multiword DMA, bits 2:0 the mode (ATA/ATAPI-6 table 45).</summary>
    public const byte MultiwordDma = 0x20;

    /// <summary>Transfer mode: Ultra DMA, bits 2:0 the mode.</summary>
    public const byte UltraDma = 0x40;
}

/// <summary>How a command moves its data (ATA/ATAPI-6 9.5 to 9.9).</summary>
internal enum CommandProtocol
{
    NonData,
    PioIn,
    PioOut,
    DmaIn,
    DmaOut,
    PacketNonData,
    PacketPioIn,
    PacketDmaIn,
}
