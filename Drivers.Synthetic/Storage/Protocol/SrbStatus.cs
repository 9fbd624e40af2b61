namespace GuestOS.Drivers.Synthetic.Storage.Protocol;

/// <summary>How the host's storage stack ended a command: a code in the low 6 bits, and two flags.</summary>
public enum SrbStatus : byte
{
    /// <summary>Not ended.</summary>
    Pending = 0x00,

    /// <summary>Done.</summary>
    Success = 0x01,

    /// <summary>Aborted.</summary>
    Aborted = 0x02,

    /// <summary>Could not be aborted.</summary>
    AbortFailed = 0x03,

    /// <summary>SCSI status and sense data say more.</summary>
    Error = 0x04,

    /// <summary>Busy.</summary>
    Busy = 0x05,

    /// <summary>Not a sound request.</summary>
    InvalidRequest = 0x06,

    /// <summary>No such bus.</summary>
    InvalidPath = 0x07,

    /// <summary>No device answers.</summary>
    NoDevice = 0x08,

    /// <summary>Time-out.</summary>
    Timeout = 0x09,

    /// <summary>The device does not react.</summary>
    SelectionTimeout = 0x0A,

    /// <summary>The command took too long.</summary>
    CommandTimeout = 0x0B,

    /// <summary>Message rejected.</summary>
    MessageRejected = 0x0D,

    /// <summary>The bus was reset.</summary>
    BusReset = 0x0E,

    /// <summary>Parity.</summary>
    ParityError = 0x0F,

    /// <summary>There is no sense data though there should be.</summary>
    AutosenseFailed = 0x10,

    /// <summary>No host adapter.</summary>
    NoHba = 0x11,

    /// <summary>More or less data than was wanted.</summary>
    DataOverrun = 0x12,

    /// <summary>Unexpected bus free.</summary>
    UnexpectedBusFree = 0x13,

    /// <summary>Phase sequence.</summary>
    PhaseSequence = 0x14,

    /// <summary>The SRB's length is wrong.</summary>
    BadSrbLength = 0x15,

    /// <summary>Flushed from the queue.</summary>
    Flushed = 0x16,

    /// <summary>No such logical unit.</summary>
    InvalidLun = 0x20,

    /// <summary>No such target.</summary>
    InvalidTarget = 0x21,

    /// <summary>The function is not known.</summary>
    BadFunction = 0x22,

    /// <summary>Error recovery is under way.</summary>
    ErrorRecovery = 0x23,

    /// <summary>No power.</summary>
    NotPowered = 0x24,

    /// <summary>The link is down.</summary>
    LinkDown = 0x25,

    /// <summary>Internal error.</summary>
    InternalError = 0x30,

    /// <summary>The code without its flags.</summary>
    CodeMask = 0x3F,

    /// <summary>Flag: the queue is frozen.</summary>
    QueueFrozen = 0x40,

    /// <summary>Flag: there is sense data.</summary>
    SenseValid = 0x80,
}
