namespace GuestOS.Kernel.Events;

/// <summary>The event log for machines: boot/EVENTS.md says what is written when.</summary>
public interface IEventLog
{
    /// <summary>Writes one event. Safe from any thread; a line is never torn by another.</summary>
    /// <param name="kind">The kind of event, for example "device".</param>
    /// <param name="members">Its members in order.</param>
    void Write(string kind, params ReadOnlySpan<EventMember> members);
}
