namespace GuestOS.Machine.Network;

/// <summary>
/// What a network interface shall receive beside frames to its own address and broadcasts. A device whose filter is coarser may
/// deliver more; it never delivers less.
/// </summary>
public sealed record ReceiveFilter
{
    /// <summary>Own address and broadcasts only.</summary>
    public static ReceiveFilter Station { get; } = new();

    /// <summary>Group addresses.</summary>
    public IReadOnlyList<MacAddress> Multicast { get; init; } = [];

    /// <summary>All group addresses.</summary>
    public bool AllMulticast { get; init; }

    /// <summary>Everything.</summary>
    public bool Promiscuous { get; init; }
}
