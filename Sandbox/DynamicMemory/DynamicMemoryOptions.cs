namespace GuestOS.Sandbox.DynamicMemory;

/// <summary>What a host's dynamic memory is like.</summary>
public sealed record DynamicMemoryOptions
{
    /// <summary>Version words that are accepted: 0.3, 1.0 and 2.0 (major &lt;&lt; 16 | minor).</summary>
    public IReadOnlyList<uint> Versions { get; init; } = [0x0000_0003, 0x0001_0000, 0x0002_0000];

    /// <summary>Accepts any capabilities.</summary>
    public bool AcceptsCapabilities { get; init; } = true;

    /// <summary>Asks the guest to send no pressure reports (bit 2 of the answer).</summary>
    public bool SuppressesReports { get; init; }

    /// <summary>VERSION_RESPONSE and CAPABILITIES_RESPONSE repeat the guest's transaction id (QEMU); otherwise all ids are the host's own.</summary>
    public bool RepeatsIds { get; init; } = true;

    /// <summary>After capabilities, before anything is asked of the guest (QEMU: 50 s).</summary>
    public TimeSpan QuietTime { get; init; }

    /// <summary>Pages that one BALLOON_REQUEST asks for at most (QEMU).</summary>
    public uint MostPagesAtATime { get; init; } = 585_728;

    /// <summary>Ranges in one UNBALLOON_REQUEST at most; more makes several parts.</summary>
    public int MostRangesPerMessage { get; init; } = 500;

    /// <summary>Pages of one range in UNBALLOON_REQUEST at most.</summary>
    public ulong LongestRange { get; init; } = RangeWord.MostPages;

    /// <summary>True for a frame that is the guest's to give; null believes all.</summary>
    public Func<ulong, bool>? IsGuestFrame { get; init; }
}
