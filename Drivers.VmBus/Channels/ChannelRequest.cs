namespace GuestOS.Drivers.VmBus.Channels;

/// <summary>
/// A packet that the host shall complete. Drivers derive from it, keep what belongs to the request in it, and pool the objects: sending
/// one allocates nothing. One object is outstanding on one channel at most.
/// </summary>
public abstract class ChannelRequest
{
    /// <summary>It was sent, and neither completed nor released.</summary>
    public bool IsOutstanding => Slot >= 0;

    /// <summary>Its place in the channel's table; -1 when it is in none.</summary>
    internal int Slot { get; set; } = -1;

    /// <summary>
    /// It ended. Comes once per sending, on the channel's handler thread or that of whoever ended the channel; must not block. The object may
    /// be sent again from here. The host does not use its memory any more, unless <paramref name="status"/> is <see cref="RequestStatus.Lost"/>.
    /// </summary>
    /// <param name="status">How.</param>
    /// <param name="payload">Of the completion, a private copy that is valid during the call; may end in padding. Empty unless completed.</param>
    public abstract void OnCompleted(RequestStatus status, ReadOnlySpan<byte> payload);

    /// <summary>
    /// After <see cref="VmBusChannel.TryAbandon"/>, instead of <see cref="OnCompleted"/>: the completion came after all, or the channel ended.
    /// Only now may its memory, and the object, be used again. Does not come when the host never lets go of the channel.
    /// </summary>
    public virtual void OnReleased()
    {
    }
}
