using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Messages;

namespace GuestOS.Drivers.VmBus.Connections;

/// <summary>What is known of one type of message.</summary>
/// <param name="Type">The type.</param>
/// <param name="MinimumSize">Bytes that it has at least; more are ignored (rule V1).</param>
/// <param name="Since">The first version that has it.</param>
/// <param name="Handler">What the guest does with it; null for those that only a guest sends (rule V2).</param>
internal readonly record struct MessageEntry(MessageType Type, int MinimumSize, VmBusVersion Since, MessageEntry.Action? Handler)
{
    /// <param name="loop">The connection.</param>
    /// <param name="message">A private copy, as long as the host said and at least the minimum.</param>
    public delegate void Action(ConnectionLoop loop, ReadOnlySpan<byte> message);
}
