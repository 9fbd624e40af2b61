namespace GuestOS.Drivers.Tulip;

/// <summary>How long the driver waits, and how often it looks.</summary>
internal static class TulipTimeouts
{
    /// <summary>How often rings in use are looked at, in case an interrupt was lost or none was asked for.</summary>
    public static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>How often a stopping chip is looked at, and one that drains.</summary>
    public static readonly TimeSpan StopInterval = TimeSpan.FromMilliseconds(1);

    /// <summary>How often an idle adapter is looked at: one word of memory.</summary>
    public static readonly TimeSpan IdleInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>How often the link is looked at.</summary>
    public static readonly TimeSpan LinkInterval = TimeSpan.FromSeconds(2);

    /// <summary>How often it is looked at while it is down.</summary>
    public static readonly TimeSpan NoLinkInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>A chip that finishes no descriptor for so long is reset.</summary>
    public static readonly TimeSpan Transmit = TimeSpan.FromSeconds(2);

    /// <summary>How long the chip may take to stop: the longest frame at 10 Mbit/s takes 1.2 ms, with all its collisions 10 ms.</summary>
    public static readonly TimeSpan Stop = TimeSpan.FromMilliseconds(25);

    /// <summary>For a detached adapter to send what is in its ring: 64 of the longest frames at 10 Mbit/s take 80 ms.</summary>
    public static readonly TimeSpan Drain = TimeSpan.FromSeconds(1);

    /// <summary>Ticks without work after which the watch is idle.</summary>
    public const int IdleTicks = 5;

    /// <summary>Resets in a row with nothing sent or received in between, after which the adapter is given up.</summary>
    public const int ResetLimit = 8;

    /// <summary>Rounds of one interrupt. What comes later asserts the line again.</summary>
    public const int InterruptRounds = 8;

    /// <summary>Reads of the serial ROM until its checksum is right.</summary>
    public const int SromAttempts = 3;
}
