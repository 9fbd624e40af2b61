namespace GuestOS.Drivers.Synthetic.Balloon;

/// <summary>What an instance counts.</summary>
internal sealed class BalloonTally
{
    public long Inflations;

    public long Deflations;

    public long Additions;

    public long PagesOut;

    public long PagesBack;

    public long Reports;

    public long Compactions;

    /// <summary>Shorter than their type, or than they say (B1).</summary>
    public long Malformed;

    /// <summary>Of a type that does not exist, or that only guests send (B1).</summary>
    public long Unknown;

    /// <summary>Not expected at that moment (B6).</summary>
    public long Untimely;

    /// <summary>Ranges in unballoon requests that the host did not have (B3).</summary>
    public long ForeignRanges;

    /// <summary>Ranges that cannot be added (B4).</summary>
    public long RefusedRanges;

    /// <summary>Requests for hot removal, which is not offered.</summary>
    public long HotRemovals;
}
