namespace GuestOS.Machine.Network;

/// <summary>Why a network request failed, in the terms of its caller.</summary>
public enum NetworkErrorKind
{
    /// <summary>The frame is too short or too long, or otherwise nothing that can be sent.</summary>
    InvalidRequest,

    /// <summary>The device does not know how.</summary>
    NotSupported,

    /// <summary>The device did not answer in time.</summary>
    Timeout,

    /// <summary>The device is gone (removed, detached, failed for good).</summary>
    Gone,
}

/// <summary>A failed network request, as a value.</summary>
/// <param name="Kind">The class of failure.</param>
/// <param name="Device">Name of the network device.</param>
/// <param name="Detail">What happened.</param>
public sealed record NetworkError(NetworkErrorKind Kind, string Device, string Detail)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Device}: {Kind}: {Detail}";
}
