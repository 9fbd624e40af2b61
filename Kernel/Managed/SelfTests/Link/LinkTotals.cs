namespace GuestOS.Kernel.SelfTests.Link;

/// <summary>What the guest has seen of a link test, all bursts together.</summary>
internal sealed class LinkTotals
{
    public ulong Sent { get; private set; }

    public ulong Right { get; private set; }

    public ulong Wrong { get; private set; }

    public ulong Missing { get; private set; }

    public ulong Doubled { get; private set; }

    public ulong Echoes { get; set; }

    public ulong Announcements { get; set; }

    /// <summary>Frames that belong to nothing that the test knows.</summary>
    public ulong Others { get; set; }

    public void Add(BurstChecker checker, BurstSender sender)
    {
        Sent += sender.Sent;
        Right += checker.Right;
        Wrong += checker.Wrong;
        Missing += checker.Missing;
        Doubled += checker.Doubled;
    }
}
