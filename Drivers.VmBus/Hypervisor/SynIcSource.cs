using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Machine.Processors;

namespace GuestOS.Drivers.VmBus.Hypervisor;

/// <summary>One SINT that the guest uses, on every processor alike.</summary>
/// <param name="Sint">Which.</param>
/// <param name="Name">For the console.</param>
/// <param name="Handler">What its vector runs.</param>
public sealed record SynIcSource(Sint Sint, string Name, VectorHandler Handler);
