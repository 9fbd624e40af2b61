namespace GuestOS.Sandbox.VmBus;

/// <summary>What a hostile host does to a channel message (protocol 10.11).</summary>
public enum MessageFaultKind
{
    /// <summary>One byte less than its type needs.</summary>
    Short,

    /// <summary>No bytes at all.</summary>
    Empty,

    /// <summary>240 bytes, the surplus of 0xFF.</summary>
    Long,

    /// <summary>A type that there is not.</summary>
    UnknownType,

    /// <summary>A type that only guests send.</summary>
    GuestType,

    /// <summary>Another relid (bytes 8 to 11; of an offer 184 to 187).</summary>
    WrongRelId,

    /// <summary>Relid 0.</summary>
    ZeroRelId,

    /// <summary>Relid 0xFFFFFFFF.</summary>
    HugeRelId,

    /// <summary>Another GPADL handle or open id (bytes 12 to 15; of GPADL_TORNDOWN 8 to 11).</summary>
    WrongHandle,

    /// <summary>A failure status where there is a status.</summary>
    Failure,

    /// <summary>Every byte behind the type is 0xFF.</summary>
    Saturated,

    /// <summary>Some bytes are others.</summary>
    Noise,

    /// <summary>Twice.</summary>
    Twice,

    /// <summary>Never.</summary>
    Never,

    /// <summary>Behind whatever is sent within the next 100 ms.</summary>
    Late,
}
