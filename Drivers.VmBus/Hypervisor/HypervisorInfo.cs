using System.Runtime.InteropServices;
using System.Text;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Machine.Processors;

namespace GuestOS.Drivers.VmBus.Hypervisor;

/// <summary>
/// What CPUID says about the hypervisor. A leaf above the highest one is not read; what it would hold is zero, so every feature is off
/// unless it is offered.
/// </summary>
public sealed record HypervisorInfo
{
    private const uint LeafRange = 0x1_0000;

    /// <summary>None, Hyper-V, another one.</summary>
    public HypervisorKind Kind { get; init; }

    /// <summary>Twelve characters, for people; conformance is decided by the interface leaf.</summary>
    public string Vendor { get; init; } = "";

    /// <summary>Highest leaf.</summary>
    public uint HighestLeaf { get; init; }

    /// <summary>Build; zero on hosts that tell it only after the guest OS id is set.</summary>
    public uint Build { get; init; }

    /// <summary>Major version.</summary>
    public int Major { get; init; }

    /// <summary>Minor version.</summary>
    public int Minor { get; init; }

    /// <summary>What the partition may use.</summary>
    public PartitionPrivileges Privileges { get; init; }

    /// <summary>What there is besides.</summary>
    public HypervisorFeatures Features { get; init; }

    /// <summary>What the host recommends.</summary>
    public HypervisorHints Hints { get; init; }

    /// <summary>Spins before the long-spin call; 0 and 0xFFFFFFFF are never.</summary>
    public uint SpinRetries { get; init; }

    /// <summary>Most virtual processors; 0 when not told.</summary>
    public uint MostProcessors { get; init; }

    /// <summary>0 none, 1 VBS, 2 SNP, 3 TDX.</summary>
    public int Isolation { get; init; }

    /// <summary>AutoEOI is to be used: the host has not deprecated it.</summary>
    public bool UsesAutoEoi => (Hints & HypervisorHints.DeprecateAutoEoi) == 0;

    /// <summary>Reads the leaves.</summary>
    public static HypervisorInfo Detect(ICpuId cpuId)
    {
        ArgumentNullException.ThrowIfNull(cpuId);
        if ((cpuId.Read(CpuIdLeaf.Features).Ecx & CpuIdLeaf.HypervisorPresent) == 0)
            return new HypervisorInfo();
        var first = cpuId.Read(CpuIdLeaf.Vendor);
        var info = new HypervisorInfo { Kind = HypervisorKind.Other, Vendor = Text(first), HighestLeaf = first.Eax };
        if (first.Eax is < CpuIdLeaf.Least or >= CpuIdLeaf.Vendor + LeafRange || cpuId.Read(CpuIdLeaf.Interface).Eax != CpuIdLeaf.HyperV)
            return info;
        var version = cpuId.Read(CpuIdLeaf.Version);
        var privileges = cpuId.Read(CpuIdLeaf.Privileges);
        var hints = cpuId.Read(CpuIdLeaf.Recommendations);
        var limits = cpuId.Read(CpuIdLeaf.Limits);
        var isolation = first.Eax >= CpuIdLeaf.Isolation ? cpuId.Read(CpuIdLeaf.Isolation) : default;
        return info with
        {
            Kind = HypervisorKind.HyperV,
            Build = version.Eax,
            Major = (int)(version.Ebx >> 16),
            Minor = (int)(version.Ebx & 0xFFFF),
            Privileges = (PartitionPrivileges)(privileges.Eax | ((ulong)privileges.Ebx << 32)),
            Features = (HypervisorFeatures)privileges.Edx,
            Hints = (HypervisorHints)hints.Eax,
            SpinRetries = hints.Ebx,
            MostProcessors = limits.Eax,
            Isolation = (int)(isolation.Ebx & 15),
        };
    }

    /// <summary>All of these are granted.</summary>
    public bool Has(PartitionPrivileges privileges) => (Privileges & privileges) == privileges;

    /// <summary>Why VMBus cannot work here; null when everything that it needs is offered (hypercalls, SynIC, VP index, messages, events).</summary>
    public string? WhyNoVmBus()
    {
        if (Kind != HypervisorKind.HyperV)
            return Kind == HypervisorKind.None ? "there is no hypervisor" : $"the hypervisor \"{Vendor}\" does not offer Hyper-V's interface";
        const PartitionPrivileges needed = PartitionPrivileges.Hypercall | PartitionPrivileges.SynIc | PartitionPrivileges.VpIndex
            | PartitionPrivileges.PostMessages | PartitionPrivileges.SignalEvents;
        var missing = needed & ~Privileges;
        return missing == PartitionPrivileges.None ? null : $"the partition lacks {missing}";
    }

    private static string Text(CpuIdResult leaf)
    {
        ReadOnlySpan<uint> words = [leaf.Ebx, leaf.Ecx, leaf.Edx];
        var text = new StringBuilder(12);
        foreach (var character in MemoryMarshal.AsBytes(words))
        {
            if (character is >= 0x20 and < 0x7F)
                text.Append((char)character);
        }

        return text.ToString();
    }
}
