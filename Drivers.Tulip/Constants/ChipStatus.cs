namespace GuestOS.Drivers.Tulip;

/// <summary>
/// CSR5 (21140A hardware reference 3.2.2.4; bits 4 and 12 are the 21143's). Bits 16 to 0 are cleared by writing ones. The same places in
/// CSR7 enable interrupts.
/// </summary>
[Flags]
internal enum ChipStatus : uint
{
    None = 0,
    TransmitDone = 1 << 0,
    TransmitStopped = 1 << 1,
    TransmitNoBuffer = 1 << 2,
    TransmitJabber = 1 << 3,

    /// <summary>21143: the link has passed its test, or autonegotiation is complete.</summary>
    LinkPass = 1 << 4,
    TransmitUnderflow = 1 << 5,
    ReceiveDone = 1 << 6,
    ReceiveNoBuffer = 1 << 7,
    ReceiveStopped = 1 << 8,
    ReceiveWatchdog = 1 << 9,
    EarlyTransmit = 1 << 10,
    Timer = 1 << 11,

    /// <summary>21143: the link has failed.</summary>
    LinkFail = 1 << 12,
    FatalBusError = 1 << 13,
    EarlyReceive = 1 << 14,
    AbnormalSummary = 1 << 15,
    NormalSummary = 1 << 16,

    /// <summary>RS: 0 is stopped.</summary>
    ReceiveState = 7 << 17,

    /// <summary>TS: 0 is stopped.</summary>
    TransmitState = 7 << 20,

    /// <summary>EB: kind of a fatal bus error.</summary>
    BusErrorKind = 7 << 23,

    /// <summary>What a write of ones clears.</summary>
    Clearable = (1 << 17) - 1,

    /// <summary>What every read gives once the adapter is gone.</summary>
    AllOnes = 0xFFFF_FFFF,
}
