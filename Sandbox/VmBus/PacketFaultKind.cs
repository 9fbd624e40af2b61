namespace GuestOS.Sandbox.VmBus;

/// <summary>What a hostile host does to a packet or to the rings (protocol 10.11).</summary>
public enum PacketFaultKind
{
    /// <summary>Total length 0.</summary>
    LengthZero,

    /// <summary>A total length beyond what is in the ring.</summary>
    LengthBeyond,

    /// <summary>Data offset below the header.</summary>
    OffsetBelow,

    /// <summary>Data offset beyond the total length.</summary>
    OffsetBeyond,

    /// <summary>A type that there is not.</summary>
    UnknownType,

    /// <summary>Transfer pages with 0xFFFFFFFF ranges.</summary>
    CountSaturated,

    /// <summary>Another transaction id.</summary>
    UnknownTransaction,

    /// <summary>Cut to its header.</summary>
    NoPayload,

    /// <summary>Some bytes of the payload are others.</summary>
    Noise,

    /// <summary>Every byte of the payload is 0xFF.</summary>
    Saturated,

    /// <summary>Twice.</summary>
    Twice,

    /// <summary>Never.</summary>
    Never,

    /// <summary>A write index that is no multiple of 8.</summary>
    WriteIndexUnaligned,

    /// <summary>A write index beyond the ring.</summary>
    WriteIndexBeyond,

    /// <summary>A write index of 0xFFFFFFF8.</summary>
    WriteIndexHuge,

    /// <summary>The write index goes back and forth after the packet was published.</summary>
    WriteIndexMoves,

    /// <summary>A read index in the guest's own ring that is no multiple of 8.</summary>
    ReadIndexUnaligned,

    /// <summary>A read index in the guest's own ring beyond it.</summary>
    ReadIndexBeyond,

    /// <summary>The header is overwritten after the packet was published: who reads it twice sees two.</summary>
    HeaderChanges,

    /// <summary>The payload is overwritten after the packet was published.</summary>
    PayloadChanges,

    /// <summary>The host waits for 0xFFFFFFFF bytes of room.</summary>
    PendingHuge,

    /// <summary>The interrupt mask of the guest's ring holds noise.</summary>
    MaskNoise,

    /// <summary>Interrupts without cause.</summary>
    Storm,
}
