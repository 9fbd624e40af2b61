namespace GuestOS.Drivers.Ata;

/// <summary>What happened on a channel since it was attached.</summary>
internal sealed class ChannelCounters
{
    public long Commands { get; set; }

    /// <summary>Interrupts that moved a command on.</summary>
    public long Interrupts { get; set; }

    /// <summary>Interrupts nobody waited for.</summary>
    public long Spurious { get; set; }

    /// <summary>Ends of commands that only the poll found.</summary>
    public long LostInterrupts { get; set; }

    public long Timeouts { get; set; }

    public long Retries { get; set; }

    public long Resets { get; set; }
}
