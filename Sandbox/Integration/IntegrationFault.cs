namespace GuestOS.Sandbox.Integration;

/// <summary>Messages that no honest host sends (protocol 10.4 and 10.11).</summary>
public enum IntegrationFault
{
    /// <summary>27 bytes.</summary>
    Short,

    /// <summary>Nothing.</summary>
    Empty,

    /// <summary>A pipe size beyond the packet.</summary>
    PipeSizeBeyond,

    /// <summary>A pipe size of 0.</summary>
    PipeSizeZero,

    /// <summary>A pipe type that is not data.</summary>
    PipeType,

    /// <summary>A body size beyond the packet.</summary>
    BodySizeBeyond,

    /// <summary>A message type that there is not.</summary>
    UnknownType,

    /// <summary>A message type of another service.</summary>
    OtherService,

    /// <summary>A response instead of a request.</summary>
    Response,

    /// <summary>A negotiation with 65535 versions of each.</summary>
    NegotiateCounts,

    /// <summary>A negotiation without versions.</summary>
    NegotiateNothing,

    /// <summary>A negotiation of versions that there are not.</summary>
    NegotiateUnknown,

    /// <summary>A request of the service without a body.</summary>
    NoBody,

    /// <summary>A request of the service whose body is 0xFF.</summary>
    SaturatedBody,

    /// <summary>Half of a request of the service.</summary>
    HalfBody,
}
