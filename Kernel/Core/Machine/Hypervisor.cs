namespace GuestOS.Kernel.Core;

/// <summary>What CPUID says about the hypervisor below, if there is one (TLFS 6.0, 2.4; the same range serves KVM, VMware and QEMU).</summary>
internal static unsafe class Hypervisor
{
    /// <summary>Bit 1 of the privileges: partition reference counter.</summary>
    public const uint AccessReferenceCounter = 1 << 1;

    /// <summary>Bit 9 of the privileges: reference TSC page.</summary>
    public const uint AccessReferenceTsc = 1 << 9;

    /// <summary>Bit 11 of the privileges: frequency MSRs.</summary>
    public const uint AccessFrequencies = 1 << 11;

    /// <summary>Bit 15 of the privileges: the guest may ask for an invariant TSC.</summary>
    public const uint AccessTscInvariant = 1 << 15;

    /// <summary>Bit 8 of the features: frequency MSRs available.</summary>
    public const uint FrequenciesAvailable = 1 << 8;

    private const uint FirstLeaf = 0x4000_0000;

    // "Hv#1"
    private const uint HyperVInterface = 0x3123_7648;

    // "TCGT" "CGTC" "GTCG"
    private const uint Tcg1 = 0x5447_4354;
    private const uint Tcg2 = 0x4354_4743;
    private const uint Tcg3 = 0x4743_5447;

    /// <summary>True under any hypervisor that says so (CPUID 1 ECX bit 31).</summary>
    public static bool Present;

    /// <summary>True under QEMU's emulation without hardware help.</summary>
    public static bool IsTcg;

    /// <summary>True when the hypervisor speaks Hyper-V's interface.</summary>
    public static bool IsHyperV;

    /// <summary>Highest leaf; 0 without a hypervisor.</summary>
    public static uint MaximumLeaf;

    /// <summary>Hyper-V's privileges, CPUID 0x40000003 EAX; 0 elsewhere.</summary>
    public static uint Privileges;

    /// <summary>Hyper-V's features, CPUID 0x40000003 EDX; 0 elsewhere.</summary>
    public static uint Features;

    /// <summary>Fills the fields; call once, first.</summary>
    public static void Detect()
    {
        uint* r = stackalloc uint[4];
        Cpu.CpuId(1, 0, r);
        Present = (r[2] & 0x8000_0000) != 0;
        if (!Present)
            return;
        Cpu.CpuId(FirstLeaf, 0, r);
        IsTcg = r[1] == Tcg1 && r[2] == Tcg2 && r[3] == Tcg3;
        // Old KVM reports 0 and means 1 leaf more.
        MaximumLeaf = r[0] is >= FirstLeaf and < FirstLeaf + 0x10000 ? r[0] : FirstLeaf;
        if (MaximumLeaf < FirstLeaf + 3)
            return;
        Cpu.CpuId(FirstLeaf + 1, 0, r);
        IsHyperV = r[0] == HyperVInterface;
        if (!IsHyperV)
            return;
        Cpu.CpuId(FirstLeaf + 3, 0, r);
        Privileges = r[0];
        Features = r[3];
    }

    /// <summary>True when Hyper-V grants all these privileges.</summary>
    public static bool Has(uint privileges) => (Privileges & privileges) == privileges;
}
