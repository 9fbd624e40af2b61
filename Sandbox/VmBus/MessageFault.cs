using GuestOS.Drivers.VmBus.Protocol.Messages;

namespace GuestOS.Sandbox.VmBus;

/// <summary>One thing that a host does wrong with its messages.</summary>
/// <param name="Kind">What.</param>
public sealed record MessageFault(MessageFaultKind Kind)
{
    /// <summary>Only with messages of this type; null: of any.</summary>
    public MessageType? Only { get; init; }

    /// <summary>So many that match go through unharmed first.</summary>
    public int Skip { get; init; }

    /// <summary>How many are hit.</summary>
    public int Count { get; init; } = 1;
}
