using GuestOS.Machine.Memory;

namespace GuestOS.Sandbox.DynamicMemory;

/// <summary>How the guest answered a hot add.</summary>
/// <param name="Range">What was offered.</param>
/// <param name="Pages">Pages that it took.</param>
/// <param name="Result">1: it took so many (with 0 pages: never ask again); 0: not now.</param>
public sealed record HotAddOutcome(PageRange Range, uint Pages, uint Result);
