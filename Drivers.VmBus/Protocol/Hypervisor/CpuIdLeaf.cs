namespace GuestOS.Drivers.VmBus.Protocol.Hypervisor;

/// <summary>CPUID leaves and signatures (TLFS 2).</summary>
public static class CpuIdLeaf
{
    /// <summary>Leaf 1: bit 31 of ECX tells of a hypervisor.</summary>
    public const uint Features = 1;

    /// <summary>Highest leaf, vendor.</summary>
    public const uint Vendor = 0x4000_0000;

    /// <summary>Interface signature.</summary>
    public const uint Interface = 0x4000_0001;

    /// <summary>Build and version.</summary>
    public const uint Version = 0x4000_0002;

    /// <summary>Privileges and features.</summary>
    public const uint Privileges = 0x4000_0003;

    /// <summary>Recommendations.</summary>
    public const uint Recommendations = 0x4000_0004;

    /// <summary>Limits.</summary>
    public const uint Limits = 0x4000_0005;

    /// <summary>Hardware features in use.</summary>
    public const uint Hardware = 0x4000_0006;

    /// <summary>Isolation.</summary>
    public const uint Isolation = 0x4000_000C;

    /// <summary>The least highest leaf of an interface that conforms.</summary>
    public const uint Least = Limits;

    /// <summary>"Hv#1" in EAX of <see cref="Interface"/>.</summary>
    public const uint HyperV = 0x3123_7648;

    /// <summary>Bit 31 of ECX of <see cref="Features"/>.</summary>
    public const uint HypervisorPresent = 0x8000_0000;
}
