using GuestOS.Drivers.VmBus.Rings;

namespace GuestOS.Drivers.VmBus.Channels;

/// <summary>
/// What a driver does with a channel. Calls come on a thread of the executor, one at a time per channel. They must not block and not wait:
/// all packets behind this one wait too. An exception breaks the channel and is reported as the driver's failure.
/// </summary>
public abstract class ChannelHandler
{
    /// <summary>
    /// A packet that is no answer to a request of this channel: in-band data, transfer pages, or a completion with transaction id 0.
    /// It is a private copy, valid during the call.
    /// </summary>
    public abstract void OnPacket(VmBusChannel channel, in RingPacket packet);

    /// <summary>So many packets and completions were handled together, at least one: the moment to pass them on.</summary>
    public virtual void OnBatchEnd(VmBusChannel channel)
    {
    }

    /// <summary>
    /// After <see cref="SendResult.RingFull"/> or <see cref="SendResult.NoSlot"/>: there is room again. Comes once per such result at most,
    /// and may come without a packet of that very size fitting.
    /// </summary>
    public virtual void OnRoom(VmBusChannel channel)
    {
    }

    /// <summary>
    /// The last call for this opening. All requests have been failed before. Nothing is received or sent any more.
    /// </summary>
    public virtual void OnEnd(VmBusChannel channel, ChannelEnd reason)
    {
    }
}
