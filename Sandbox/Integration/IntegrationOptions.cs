using GuestOS.Services.Protocol;

namespace GuestOS.Sandbox.Integration;

/// <summary>What the host's side of an integration component is like.</summary>
public sealed record IntegrationOptions
{
    /// <summary>Framework versions that are offered, in this order.</summary>
    public IReadOnlyList<IcVersion> Frameworks { get; init; } = [new(1, 0), new(3, 0)];

    /// <summary>Service versions that are offered, in this order; null: those of the service.</summary>
    public IReadOnlyList<IcVersion>? Services { get; init; }

    /// <summary>From a request until it counts as timed out and the next goes out.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);
}
