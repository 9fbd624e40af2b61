namespace GuestOS.Drivers.VmBus.Rings;

/// <summary>A piece of memory inside of one page.</summary>
/// <param name="Frame">Page frame number: guest-physical address / 4096.</param>
/// <param name="Offset">First byte in the page.</param>
/// <param name="Length">Bytes; offset + length is at most 4096.</param>
public readonly record struct PageBuffer(ulong Frame, int Offset, int Length);
