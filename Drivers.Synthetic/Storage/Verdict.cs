using GuestOS.Machine.Block;

namespace GuestOS.Drivers.Synthetic.Storage;

/// <summary>What to do after a try that failed.</summary>
/// <param name="Error">It is over; why.</param>
/// <param name="Pause">Otherwise: how long until the next try.</param>
/// <param name="Waits">The device asked for a moment; the try does not count.</param>
internal readonly record struct Verdict(BlockErrorKind? Error, TimeSpan Pause, bool Waits = false)
{
    public static Verdict Fail(BlockErrorKind kind) => new(kind, default);

    public static Verdict RetryAfter(TimeSpan pause) => new(null, pause);
}
