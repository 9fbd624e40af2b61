using GuestOS.Drivers.VmBus.Connections;
using GuestOS.Machine;

namespace GuestOS.Drivers.VmBus.Channels;

/// <summary>One attempt to open a channel.</summary>
internal sealed record OpenOperation(ChannelOpenOptions Options, DmaBuffer Memory, Promise Promise)
{
    /// <summary>What the host said, for the message.</summary>
    public uint HostStatus { get; set; }
}
