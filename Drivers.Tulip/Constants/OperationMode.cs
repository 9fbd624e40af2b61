namespace GuestOS.Drivers.Tulip;

/// <summary>CSR6 (21140A hardware reference 3.2.2.5).</summary>
internal static class OperationMode
{
    /// <summary>HP, read only: the last setup frame made the chip hash.</summary>
    public const uint Hashes = 1 << 0;

    /// <summary>SR.</summary>
    public const uint StartReceive = 1 << 1;

    /// <summary>PR: everything is received.</summary>
    public const uint Promiscuous = 1 << 6;

    /// <summary>PM: every group address is received.</summary>
    public const uint AllMulticast = 1 << 7;

    /// <summary>FD.</summary>
    public const uint FullDuplex = 1 << 9;

    /// <summary>ST.</summary>
    public const uint StartTransmit = 1 << 13;

    /// <summary>TR: bytes in the chip before transmission begins, four steps. May change only while the transmitter is stopped.</summary>
    public const int ThresholdShift = 14;

    /// <summary>The highest of the four steps.</summary>
    public const int HighestThreshold = 3;

    /// <summary>PS: MII or SYM port, not the serial one.</summary>
    public const uint PortSelect = 1 << 18;

    /// <summary>HBD: no heartbeat (signal quality error test); MII has none.</summary>
    public const uint HeartbeatDisable = 1 << 19;

    /// <summary>SF: transmission begins when the whole frame is in the chip.</summary>
    public const uint StoreAndForward = 1 << 21;

    /// <summary>TTM: thresholds for 10 Mbit/s.</summary>
    public const uint TenMegabit = 1 << 22;

    /// <summary>PCS: the SYM port's own coding.</summary>
    public const uint PhysicalCoding = 1 << 23;

    /// <summary>SCR: scrambler.</summary>
    public const uint Scrambler = 1 << 24;

    /// <summary>Must be one.</summary>
    public const uint MustBeOne = 1 << 25;

    /// <summary>Bits that a medium decides about.</summary>
    public const uint MediumBits = FullDuplex | PortSelect | HeartbeatDisable | TenMegabit | PhysicalCoding | Scrambler;

    /// <summary>The bits that a media block's command field stands for: bit 0 PS, 4 TTM, 5 PCS, 6 SCR (DEC serial ROM format 4.0, 7.2).</summary>
    public static uint FromCommand(ushort command) => (uint)(command & 0x71) << 18;
}
