namespace GuestOS.Services.Frame;

/// <summary>What became of a message.</summary>
internal enum IcFrameOutcome
{
    /// <summary>The message has become its answer: send it back.</summary>
    Answer,

    /// <summary>The same, and versions were agreed on or not.</summary>
    Negotiated,

    /// <summary>The answer follows.</summary>
    Deferred,

    /// <summary>Not a request: counted and forgotten.</summary>
    Dropped,
}
