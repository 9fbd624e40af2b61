namespace GuestOS.Drivers.Ata;

/// <summary>How long the driver waits, and how often it tries.</summary>
internal static class AtaTimeouts
{
    /// <summary>Reads and writes of a disk; a drive that wakes from standby needs several seconds.</summary>
    public static readonly TimeSpan Transfer = TimeSpan.FromSeconds(10);

    /// <summary>FLUSH CACHE may take longer than 30 s (ATA/ATAPI-6 8.12.8).</summary>
    public static readonly TimeSpan Flush = TimeSpan.FromSeconds(60);

    /// <summary>IDENTIFY, SET FEATURES, SET MULTIPLE.</summary>
    public static readonly TimeSpan Control = TimeSpan.FromSeconds(5);

    /// <summary>Packet commands: a disc has to spin up.</summary>
    public static readonly TimeSpan Packet = TimeSpan.FromSeconds(20);

    /// <summary>How long a drive may be busy after a reset (ATA/ATAPI-6 9.2: 31 s).</summary>
    public static readonly TimeSpan Reset = TimeSpan.FromSeconds(31);

    /// <summary>SRST must be set for at least 5 µs; timers are not that fine.</summary>
    public static readonly TimeSpan ResetPulse = TimeSpan.FromMilliseconds(1);

    /// <summary>After SRST the status is valid only after 2 ms (ATA/ATAPI-6 9.2).</summary>
    public static readonly TimeSpan ResetSettle = TimeSpan.FromMilliseconds(3);

    /// <summary>A disc that is "becoming ready" is asked again at this interval.</summary>
    public static readonly TimeSpan BecomingReadyInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a disc may be "becoming ready".</summary>
    public static readonly TimeSpan BecomingReady = TimeSpan.FromSeconds(15);

    /// <summary>How often a command in flight is looked at in case its interrupt was lost.</summary>
    public static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(25);

    /// <summary>
    /// A command that has not moved for so long is looked at. Long enough for the thread of an interrupt that is only late, on a machine
    /// with more work than processors.
    /// </summary>
    public static readonly TimeSpan LostAfter = TimeSpan.FromMilliseconds(50);

    /// <summary>How often the drive is polled in the phases that have no interrupt.</summary>
    public static readonly TimeSpan FastInterval = TimeSpan.FromMilliseconds(1);

    /// <summary>The watch timer stops after so many ticks without work.</summary>
    public const int IdleTicks = 4;

    /// <summary>Tries of one command, the first included.</summary>
    public const int Attempts = 4;

    /// <summary>DMA errors and time-outs after which a drive is used by PIO.</summary>
    public const int DmaTroubleLimit = 3;

    /// <summary>So many DMA commands without trouble take one off the count.</summary>
    public const int DmaTroubleForgiven = 256;

    /// <summary>Resets in a row without an answer after which the drives count as gone.</summary>
    public const int ResetAttempts = 2;

    /// <summary>Alternate status reads of a short wait: at 0.1 to 1 µs each well below the thread's time slice.</summary>
    public const int ShortPolls = 32;
}
