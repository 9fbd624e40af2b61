using GuestOS.Sandbox.VmBus;

namespace GuestOS.Sandbox.Network;

/// <summary>One channel of an adapter, and the frames that wait to go to the guest through it.</summary>
internal sealed class HostQueue(ChannelSession session, int index)
{
    public ChannelSession Session => session;

    public int Index => index;

    public Queue<(SwitchFrame Frame, uint? Hash)> Waiting { get; } = new();

    /// <summary>A flush is on its way.</summary>
    public bool IsPosted { get; set; }
}
