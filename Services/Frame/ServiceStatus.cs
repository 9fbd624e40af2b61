using GuestOS.Services.Protocol;

namespace GuestOS.Services.Frame;

/// <summary>How a service is at one moment.</summary>
/// <param name="Name">The service.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Framework">Framework version; null unless negotiated.</param>
/// <param name="Version">Service version; null unless negotiated.</param>
/// <param name="Error">Why it failed.</param>
/// <param name="Requests">Requests so far.</param>
/// <param name="Failures">Requests that were answered with a failure.</param>
/// <param name="Dropped">Messages that were no requests.</param>
/// <param name="Summary">What it has done.</param>
public sealed record ServiceStatus(
    string Name,
    ServiceState State,
    IcVersion? Framework,
    IcVersion? Version,
    string? Error,
    long Requests,
    long Failures,
    long Dropped,
    string Summary)
{
    /// <summary>Versions in the form "3.0/3.2": framework, service; null unless negotiated.</summary>
    public string? Versions => Version is null ? null : $"{Framework}/{Version}";
}
