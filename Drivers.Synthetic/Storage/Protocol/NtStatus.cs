namespace GuestOS.Drivers.Synthetic.Storage.Protocol;

/// <summary>Status of a host's answer.</summary>
public enum NtStatus : uint
{
    /// <summary>Done.</summary>
    Success = 0,

    /// <summary>More data than room.</summary>
    BufferOverflow = 0x8000_0005,

    /// <summary>Try again.</summary>
    Busy = 0x8000_0011,

    /// <summary>Failed.</summary>
    Unsuccessful = 0xC000_0001,

    /// <summary>A value is out of its range.</summary>
    InvalidParameter = 0xC000_000D,

    /// <summary>Not a request of this kind of device.</summary>
    InvalidRequest = 0xC000_0010,

    /// <summary>The version is not spoken.</summary>
    RevisionMismatch = 0xC000_0059,

    /// <summary>Selection time-out.</summary>
    NotConnected = 0xC000_009D,

    /// <summary>Time-out.</summary>
    IoTimeout = 0xC000_00B5,

    /// <summary>No such device.</summary>
    DoesNotExist = 0xC000_00C0,

    /// <summary>Aborted.</summary>
    Cancelled = 0xC000_0120,

    /// <summary>Out of order.</summary>
    InvalidDeviceState = 0xC000_0184,

    /// <summary>Anything else.</summary>
    IoDeviceError = 0xC000_0185,
}
