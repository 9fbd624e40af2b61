namespace GuestOS.Services.Shutdown;

/// <summary>What the host asks for.</summary>
/// <param name="IsRestart">Restart rather than power off.</param>
/// <param name="IsForced">It happens whatever a handler says.</param>
/// <param name="Reason">The host's reason code; 0x80000000 is planned.</param>
/// <param name="Text">What the host has to say; may be empty.</param>
/// <param name="Deadline">How long handlers have together.</param>
public sealed record ShutdownRequest(bool IsRestart, bool IsForced, uint Reason, string Text, TimeSpan Deadline);
