using GuestOS.Machine.Block;

namespace GuestOS.Drivers.Ata;

/// <summary>What to do with a request whose command failed.</summary>
/// <param name="Error">Report this; null to try again.</param>
/// <param name="NeedsTime">Try again a moment later, without counting the failure.</param>
internal readonly record struct Verdict(BlockError? Error, bool NeedsTime)
{
    public static Verdict Retry => default;

    public static Verdict RetryLater => new(null, true);

    public static Verdict Fail(BlockError error) => new(error, false);
}
