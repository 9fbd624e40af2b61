using GuestOS.Drivers.VmBus.Protocol;

namespace GuestOS.Sandbox.VmBus;

/// <summary>Shared memory of a saved connection.</summary>
/// <param name="Id">Handle.</param>
/// <param name="RelId">Channel.</param>
/// <param name="Offset">In the first page.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Frames">Page frame numbers.</param>
public sealed record SavedGpadl(GpadlId Id, RelId RelId, int Offset, int Length, IReadOnlyList<ulong> Frames);
