using GuestOS.Services.Protocol;

namespace GuestOS.Sandbox.Integration;

/// <summary>A key of the guest.</summary>
/// <param name="Key">Key.</param>
/// <param name="Type">Type of the value.</param>
/// <param name="Text">A text, or a number in decimal.</param>
public sealed record KvpItem(string Key, KvpValueType Type, string Text);
