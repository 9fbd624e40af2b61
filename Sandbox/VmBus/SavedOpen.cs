using GuestOS.Drivers.VmBus.Protocol;

namespace GuestOS.Sandbox.VmBus;

/// <summary>How a saved channel was opened.</summary>
/// <param name="Ring">GPADL of the rings.</param>
/// <param name="DownstreamPage">Page at which the host-to-guest ring starts.</param>
/// <param name="TargetVp">Processor of its interrupts.</param>
/// <param name="TargetSint">Source of its interrupts.</param>
/// <param name="EventFlag">Flag of its interrupts.</param>
/// <param name="OpenId">The guest's number.</param>
/// <param name="UserData">For the service.</param>
/// <param name="IsReserved">Opened as a reserved channel.</param>
public sealed record SavedOpen(
    GpadlId Ring,
    int DownstreamPage,
    VpIndex TargetVp,
    Sint TargetSint,
    uint EventFlag,
    OpenId OpenId,
    ReadOnlyMemory<byte> UserData,
    bool IsReserved);
