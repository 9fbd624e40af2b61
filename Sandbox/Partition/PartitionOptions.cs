using GuestOS.Drivers.VmBus.Protocol.Hypervisor;

namespace GuestOS.Sandbox.Partition;

/// <summary>What a simulated partition offers. By default everything that this project uses.</summary>
public sealed record PartitionOptions
{
    /// <summary>Virtual processors, 1 to 64.</summary>
    public int Processors { get; init; } = 1;

    /// <summary>Vendor in the first leaf.</summary>
    public string Vendor { get; init; } = "Microsoft Hv";

    /// <summary>CPUID 1 ECX bit 31.</summary>
    public bool IsHypervisorPresent { get; init; } = true;

    /// <summary>"Hv#1" in the interface leaf.</summary>
    public bool IsHyperV { get; init; } = true;

    /// <summary>Highest leaf.</summary>
    public uint HighestLeaf { get; init; } = CpuIdLeaf.Isolation;

    /// <summary>Granted privileges; a register or call without its privilege faults.</summary>
    public PartitionPrivileges Privileges { get; init; } =
        PartitionPrivileges.VpRuntime | PartitionPrivileges.ReferenceCounter | PartitionPrivileges.SynIc | PartitionPrivileges.SyntheticTimers
        | PartitionPrivileges.ApicRegisters | PartitionPrivileges.Hypercall | PartitionPrivileges.VpIndex | PartitionPrivileges.Reset
        | PartitionPrivileges.ReferenceTsc | PartitionPrivileges.GuestIdle | PartitionPrivileges.Frequencies | PartitionPrivileges.TscInvariant
        | PartitionPrivileges.PostMessages | PartitionPrivileges.SignalEvents;

    /// <summary>Features.</summary>
    public HypervisorFeatures Features { get; init; } =
        HypervisorFeatures.XmmInput | HypervisorFeatures.Frequencies | HypervisorFeatures.Crash | HypervisorFeatures.DirectTimers;

    /// <summary>Recommendations.</summary>
    public HypervisorHints Hints { get; init; } =
        HypervisorHints.DeprecateAutoEoi | HypervisorHints.ApicRegisters | HypervisorHints.RemoteFlush | HypervisorHints.ClusterIpi;

    /// <summary>Limit of processors in CPUID.</summary>
    public uint MostProcessors { get; init; } = 64;

    /// <summary>The index of processor n; by default n itself.</summary>
    public Func<int, uint> VpIndexOf { get; init; } = static processor => (uint)processor;

    /// <summary>Hz of the time-stamp counter.</summary>
    public ulong TscFrequency { get; init; } = 2_000_000_000;

    /// <summary>Messages that wait for a slot at most (TLFS: 16 per port).</summary>
    public int MostQueuedMessages { get; init; } = 64;

    /// <summary>Repetitions that one execution of a rep call completes; 0 is all.</summary>
    public int RepsPerCall { get; init; }
}
