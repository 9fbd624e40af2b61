using GuestOS.Drivers.VmBus.Hypervisor;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Machine.Processors;

namespace GuestOS.Kernel.Time;

/// <summary>The hypervisor's reference time, by its register: what the host puts beside its own time when it sends that.</summary>
internal static class ReferenceTime
{
    /// <summary>Makes the reader for this machine.</summary>
    public static Func<ulong?> Of(ProcessorPlatform platform)
    {
        bool? isOffered = null;
        return () =>
        {
            isOffered ??= HypervisorInfo.Detect(platform.CpuId).Has(PartitionPrivileges.ReferenceCounter);
            return isOffered.Value && platform.Msr.TryRead(Msr.ReferenceCounter, out ulong units) ? units : null;
        };
    }
}
