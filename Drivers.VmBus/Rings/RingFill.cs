namespace GuestOS.Drivers.VmBus.Rings;

/// <summary>How full a ring is, for people: the indices are read while both sides move them.</summary>
/// <param name="Used">Bytes between the indices; 0 when one of them is impossible.</param>
/// <param name="Size">Bytes of data that the ring has; 0 for a ring that is not there.</param>
public readonly record struct RingFill(int Used, int Size);
