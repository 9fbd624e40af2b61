namespace GuestOS.Drivers.Synthetic.Storage.Protocol;

/// <summary>How a device ended a command (SAM-5, 5.3.1).</summary>
public enum ScsiStatus : byte
{
    /// <summary>Done.</summary>
    Good = 0x00,

    /// <summary>There is sense data.</summary>
    CheckCondition = 0x02,

    /// <summary>Busy.</summary>
    Busy = 0x08,

    /// <summary>Somebody else has reserved it.</summary>
    ReservationConflict = 0x18,

    /// <summary>Its queue is full.</summary>
    TaskSetFull = 0x28,

    /// <summary>Aborted.</summary>
    TaskAborted = 0x40,
}
