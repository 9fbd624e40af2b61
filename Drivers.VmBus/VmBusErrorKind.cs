namespace GuestOS.Drivers.VmBus;

/// <summary>Why an operation on VMBus failed.</summary>
public enum VmBusErrorKind
{
    /// <summary>The host said no.</summary>
    Refused,

    /// <summary>The host has taken the channel back.</summary>
    Rescinded,

    /// <summary>The host did not answer in time.</summary>
    TimedOut,

    /// <summary>The caller gave up.</summary>
    Cancelled,

    /// <summary>There is no connection, or the message could not be posted.</summary>
    Disconnected,

    /// <summary>The ring is broken, or the channel is not open.</summary>
    Broken,

    /// <summary>The channel or the connection is in a state that does not allow it.</summary>
    WrongState,
}
