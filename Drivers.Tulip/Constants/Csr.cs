namespace GuestOS.Drivers.Tulip;

/// <summary>The chip's registers by their offset: CSRn is 32 bits wide and lies at 8n (21140A hardware reference, table 3-1).</summary>
internal enum Csr
{
    BusMode = 0 * 8,
    TransmitPollDemand = 1 * 8,
    ReceivePollDemand = 2 * 8,
    ReceiveListBase = 3 * 8,
    TransmitListBase = 4 * 8,
    Status = 5 * 8,
    OperationMode = 6 * 8,
    InterruptEnable = 7 * 8,
    MissedFrames = 8 * 8,
    SerialRomAndMii = 9 * 8,
    Timer = 11 * 8,

    /// <summary>21140: general purpose port. 21143: SIA status.</summary>
    GeneralPurposeOrSiaStatus = 12 * 8,

    /// <summary>21143 only.</summary>
    SiaConnectivity = 13 * 8,

    /// <summary>21143 only.</summary>
    SiaTransmitReceive = 14 * 8,

    /// <summary>21143 only: SIA general register below, general purpose port above.</summary>
    SiaGeneral = 15 * 8,
}
