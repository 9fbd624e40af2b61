namespace GuestOS.Kernel.Drivers;

/// <summary>How long a driver may take for each verb before its device counts as failed.</summary>
/// <param name="Probe">For looking whether it is there.</param>
/// <param name="Attach">For resets: ATA allows a drive 31 s after a reset (ATA/ATAPI-7 section 9.2).</param>
/// <param name="Start">For reading what is there.</param>
/// <param name="Suspend">For draining and flushing.</param>
/// <param name="Resume">For undoing that.</param>
/// <param name="Detach">For failing what is in flight.</param>
public sealed record VerbDeadlines(TimeSpan Probe, TimeSpan Attach, TimeSpan Start, TimeSpan Suspend, TimeSpan Resume, TimeSpan Detach)
{
    /// <summary>What the kernel uses.</summary>
    public static VerbDeadlines Default { get; } = new(
        Probe: TimeSpan.FromSeconds(35),
        Attach: TimeSpan.FromSeconds(70),
        Start: TimeSpan.FromSeconds(70),
        Suspend: TimeSpan.FromSeconds(70),
        Resume: TimeSpan.FromSeconds(70),
        Detach: TimeSpan.FromSeconds(35));
}
