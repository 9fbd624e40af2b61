namespace GuestOS.Drivers.Synthetic.Storage;

/// <summary>What an adapter counts. Approximate under load: nobody waits for them.</summary>
public sealed class StorvscCounters
{
    /// <summary>Commands that were sent, tries included.</summary>
    public long Sent { get; internal set; }

    /// <summary>Commands that were tried again.</summary>
    public long Retries { get; internal set; }

    /// <summary>Commands whose data went through a buffer of the driver's.</summary>
    public long Bounced { get; internal set; }

    /// <summary>Commands that had to wait for room in the ring or for a slot.</summary>
    public long RingFull { get; internal set; }

    /// <summary>Answers that were no answers (rules S1, S4, S5).</summary>
    public long Malformed { get; internal set; }

    /// <summary>Messages of the host's own that are not known, or came at the wrong time (rules S1, S2).</summary>
    public long StrayMessages { get; internal set; }

    /// <summary>Commands that were late.</summary>
    public long Late { get; internal set; }

    /// <summary>Resets of a logical unit or of the bus.</summary>
    public long Resets { get; internal set; }

    /// <summary>Looks at the bus.</summary>
    public long Scans { get; internal set; }
}
