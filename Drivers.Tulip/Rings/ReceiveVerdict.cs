namespace GuestOS.Drivers.Tulip;

/// <summary>What a finished receive descriptor says.</summary>
internal enum ReceiveVerdict
{
    Good,

    /// <summary>A piece of a frame that does not fit into one buffer.</summary>
    Fragment,
    CrcError,
    Overflow,

    /// <summary>The chip had no further descriptor for the rest.</summary>
    DescriptorError,
    Runt,

    /// <summary>Cut by the receive watchdog.</summary>
    Watchdog,

    /// <summary>Another error that the summary bit tells.</summary>
    OtherError,

    /// <summary>A length that no frame in this buffer can have.</summary>
    BadLength,
}
