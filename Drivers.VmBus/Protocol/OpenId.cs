namespace GuestOS.Drivers.VmBus.Protocol;

/// <summary>The guest's number for one opening of a channel; the host echoes it.</summary>
/// <param name="Value">The number.</param>
public readonly record struct OpenId(uint Value);
