using System.Globalization;
using System.Text;

namespace GuestOS.Drivers.Ata;

/// <summary>Registers and commands as the standards name them, for people.</summary>
internal static class AtaText
{
    private static readonly string[] StatusNames = ["ERR", "IDX", "CORR", "DRQ", "DSC", "DF", "DRDY", "BSY"];
    private static readonly string[] ErrorNames = ["AMNF", "NM", "ABRT", "MCR", "IDNF", "MC", "UNC", "ICRC"];
    private static readonly string[] BusMasterNames = ["ACTIVE", "ERROR", "INTERRUPT"];

    /// <summary>"51 DRDY DSC ERR".</summary>
    public static string Status(AtaStatus status) => Bits((byte)status, StatusNames);

    /// <summary>"40 UNC".</summary>
    public static string Error(AtaError error) => Bits((byte)error, ErrorNames);

    /// <summary>"06 INTERRUPT ERROR"; only the bits of one transfer are named.</summary>
    public static string BusMaster(BusMasterStatus status) => Bits((byte)status, BusMasterNames);

    /// <summary>The name in the standard.</summary>
    public static string Name(AtaOpcode opcode) => opcode switch
    {
        AtaOpcode.DataSetManagement => "DATA SET MANAGEMENT",
        AtaOpcode.DeviceReset => "DEVICE RESET",
        AtaOpcode.ReadSectors => "READ SECTORS",
        AtaOpcode.ReadSectorsExt => "READ SECTORS EXT",
        AtaOpcode.ReadDmaExt => "READ DMA EXT",
        AtaOpcode.ReadMultipleExt => "READ MULTIPLE EXT",
        AtaOpcode.WriteSectors => "WRITE SECTORS",
        AtaOpcode.WriteSectorsExt => "WRITE SECTORS EXT",
        AtaOpcode.WriteDmaExt => "WRITE DMA EXT",
        AtaOpcode.WriteMultipleExt => "WRITE MULTIPLE EXT",
        AtaOpcode.Packet => "PACKET",
        AtaOpcode.IdentifyPacketDevice => "IDENTIFY PACKET DEVICE",
        AtaOpcode.ReadMultiple => "READ MULTIPLE",
        AtaOpcode.WriteMultiple => "WRITE MULTIPLE",
        AtaOpcode.SetMultipleMode => "SET MULTIPLE MODE",
        AtaOpcode.ReadDma => "READ DMA",
        AtaOpcode.WriteDma => "WRITE DMA",
        AtaOpcode.FlushCache => "FLUSH CACHE",
        AtaOpcode.FlushCacheExt => "FLUSH CACHE EXT",
        AtaOpcode.IdentifyDevice => "IDENTIFY DEVICE",
        AtaOpcode.SetFeatures => "SET FEATURES",
        _ => string.Create(CultureInfo.InvariantCulture, $"command {(byte)opcode:x2}"),
    };

    private static string Bits(byte value, string[] names)
    {
        var text = new StringBuilder(value.ToString("x2", CultureInfo.InvariantCulture));
        for (var bit = names.Length - 1; bit >= 0; bit--)
        {
            if ((value & (1 << bit)) != 0)
                text.Append(' ').Append(names[bit]);
        }

        return text.ToString();
    }
}
