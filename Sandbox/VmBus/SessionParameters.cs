using GuestOS.Drivers.VmBus.Protocol;

namespace GuestOS.Sandbox.VmBus;

/// <summary>How the guest opened a channel.</summary>
internal sealed record SessionParameters
{
    public required VmBusVersion Version { get; init; }

    public required HostGpadl Ring { get; init; }

    public required int DownstreamPage { get; init; }

    public required VpIndex TargetVp { get; init; }

    public required Sint TargetSint { get; init; }

    /// <summary>Flag of the channel's interrupts.</summary>
    public required uint EventFlag { get; init; }

    public OpenId OpenId { get; init; }

    public ReadOnlyMemory<byte> UserData { get; init; }

    public bool IsRestored { get; init; }
}
