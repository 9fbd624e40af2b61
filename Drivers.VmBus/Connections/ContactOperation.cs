using GuestOS.Drivers.VmBus.Hypervisor;

namespace GuestOS.Drivers.VmBus.Connections;

/// <summary>One attempt to connect.</summary>
internal sealed record ContactOperation(Promise Promise, SynIc? SynIc, bool IsResume)
{
    /// <summary>The host does not listen where versions from 5.0 on are asked for.</summary>
    public bool IsOldHost { get; set; }
}
