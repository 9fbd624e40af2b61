using GuestOS.Machine;

namespace GuestOS.Sandbox.Tests.VmBus;

/// <summary>A channel that the hand-made guest opened.</summary>
internal sealed record HandChannel(uint RelId, uint Connection, uint Gpadl, DmaBuffer Buffer, HandRing Out, HandRing In);
