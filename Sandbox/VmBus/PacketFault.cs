namespace GuestOS.Sandbox.VmBus;

/// <summary>One thing that a host does wrong in its rings.</summary>
/// <param name="Kind">What.</param>
public sealed record PacketFault(PacketFaultKind Kind)
{
    /// <summary>Only with channels of this class; null: with any.</summary>
    public Guid? Only { get; init; }

    /// <summary>So many packets that match go through unharmed first.</summary>
    public int Skip { get; init; }

    /// <summary>How many are hit.</summary>
    public int Count { get; init; } = 1;
}
