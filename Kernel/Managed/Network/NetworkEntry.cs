using GuestOS.Kernel.Network.Paths;
using GuestOS.Machine.Network;

namespace GuestOS.Kernel.Network;

/// <summary>A network interface that the registry knows.</summary>
/// <param name="Device">The interface.</param>
/// <param name="Paths">The same, when it may change over to another device; otherwise null.</param>
/// <param name="Driver">Who published it, for example "tulip 00:03.0".</param>
internal sealed record NetworkEntry(INetworkDevice Device, MultipathNic? Paths, string Driver)
{
    public string Name => Device.Name;
}
