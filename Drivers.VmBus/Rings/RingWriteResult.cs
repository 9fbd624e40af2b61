namespace GuestOS.Drivers.VmBus.Rings;

/// <summary>What became of a packet that was to be written.</summary>
public enum RingWriteResult
{
    /// <summary>It is in the ring.</summary>
    Written,

    /// <summary>Not now: there is no space.</summary>
    Full,

    /// <summary>Never: it is larger than the ring or than a packet may be.</summary>
    TooLarge,

    /// <summary>Never: the other side has stored an impossible index, or the channel is closed.</summary>
    Broken,
}
