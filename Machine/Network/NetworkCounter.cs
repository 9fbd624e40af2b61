namespace GuestOS.Machine.Network;

/// <summary>One of a device's own counters, for people.</summary>
/// <param name="Name">What it counts, in a few words.</param>
/// <param name="Value">How often.</param>
public readonly record struct NetworkCounter(string Name, long Value);
