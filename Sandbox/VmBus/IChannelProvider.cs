namespace GuestOS.Sandbox.VmBus;

/// <summary>
/// A device behind one primary channel and its subchannels. All calls for one channel come one after another; those for different
/// channels may come side by side under a real clock.
/// </summary>
public interface IChannelProvider
{
    /// <summary>The primary channel's offer.</summary>
    ChannelOffer Offer { get; }

    /// <summary>The guest opens a channel. 0 accepts; any other value is the status that the guest gets.</summary>
    uint Open(ChannelSession session);

    /// <summary>A packet of the guest. The ring's structure is sound; everything inside of the packet is the guest's and unchecked.</summary>
    void Receive(ChannelSession session, ChannelPacket packet);

    /// <summary>The channel ended; nothing may be sent any more, and its buffers are gone.</summary>
    void Close(ChannelSession session, CloseReason reason);

    /// <summary>The guest set up a further buffer on the open channel.</summary>
    void BufferCreated(ChannelSession session, HostGpadl buffer)
    {
    }
}
