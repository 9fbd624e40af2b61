namespace GuestOS.Machine.Memory;

/// <summary>What the host asked for.</summary>
public enum BalloonOperation
{
    /// <summary>A version and capabilities were agreed on.</summary>
    Negotiate,

    /// <summary>Give pages.</summary>
    Inflate,

    /// <summary>Take pages back.</summary>
    Deflate,

    /// <summary>Use added memory.</summary>
    Add,
}

/// <summary>One request of the host that is over.</summary>
/// <param name="Operation">What it was.</param>
/// <param name="Asked">Pages that the host named.</param>
/// <param name="Done">Pages that moved.</param>
/// <param name="Time">How long it took.</param>
/// <param name="Error">Why less was done than asked; null when nothing is wrong.</param>
public readonly record struct BalloonChange(BalloonOperation Operation, ulong Asked, ulong Done, TimeSpan Time, string? Error);

/// <summary>Something that a balloon counts.</summary>
/// <param name="Name">What, for people.</param>
/// <param name="Value">How many.</param>
public readonly record struct BalloonCounter(string Name, long Value);
