namespace GuestOS.Drivers.VmBus.Rings;

/// <summary>What a consumer found in its ring.</summary>
public enum RingReadResult
{
    /// <summary>Nothing.</summary>
    Empty,

    /// <summary>A packet.</summary>
    Packet,

    /// <summary>A packet that was dropped: a type that is not taken, a bad descriptor, or larger than the buffer.</summary>
    Dropped,

    /// <summary>The structure of the ring is broken; the channel cannot be used any more.</summary>
    Broken,
}
