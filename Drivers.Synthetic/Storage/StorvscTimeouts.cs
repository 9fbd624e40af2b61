namespace GuestOS.Drivers.Synthetic.Storage;

/// <summary>How long the driver waits, and how often it tries.</summary>
internal static class StorvscTimeouts
{
    /// <summary>An answer of the set-up or to a reset.</summary>
    public static readonly TimeSpan Control = TimeSpan.FromSeconds(10);

    /// <summary>A command of a look at the bus, tries included.</summary>
    public static readonly TimeSpan Scan = TimeSpan.FromSeconds(30);

    /// <summary>The flush before the channel is closed in order.</summary>
    public static readonly TimeSpan LastFlush = TimeSpan.FromSeconds(20);

    /// <summary>How often commands in flight are looked at; their age is counted in these.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    /// <summary>Ticks after which a command counts as late, and is told to the host as its time-out. The host ends every command in the end, so this is long.</summary>
    public const int LateTicks = 60;

    /// <summary>Ticks that each reset is given to bring late commands back.</summary>
    public const int ResetTicks = 20;

    /// <summary>The tick timer stops after so many ticks without a command in flight.</summary>
    public const int IdleTicks = 4;

    /// <summary>Tries of one command, the first included.</summary>
    public const int Attempts = 6;

    /// <summary>Tries of a command that finds the device busy or not ready yet.</summary>
    public const int BusyAttempts = 12;

    /// <summary>Pause before the second try; doubles with every further one, up to <see cref="LongestPause"/>.</summary>
    public static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(10);

    /// <summary>The longest pause between two tries.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    /// <summary>The pause before a try.</summary>
    /// <param name="failures">Tries that have failed, at least one.</param>
    public static TimeSpan PauseAfter(int failures)
    {
        var pause = FirstPause * (1L << Math.Min(failures - 1, 16));
        return pause < LongestPause ? pause : LongestPause;
    }
}
