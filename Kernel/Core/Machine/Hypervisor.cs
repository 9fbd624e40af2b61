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

    /// <summary>Hyper-V's privileges for hypercalls, CPUID 0x40000003 EBX; 0 elsewhere.</summary>
    public static uint HypercallPrivileges;

    /// <summary>Hyper-V's features, CPUID 0x40000003 EDX; 0 elsewhere.</summary>
    public static uint Features;

    /// <summary>Hyper-V's build and version, CPUID 0x40000002 EAX and EBX; 0 elsewhere.</summary>
    public static uint Build, Version;

    private struct Storage
    {
        public fixed byte Vendor[16];
    }

    private static Storage s_storage;

    /// <summary>The signature: twelve characters and zeros.</summary>
    public static byte* Vendor
    {
        get
        {
            fixed (byte* vendor = s_storage.Vendor)
                return vendor;
        }
    }

    /// <summary>Fills the fields; call once, first.</summary>
    public static void Detect()
    {
        CpuIdResult.Read(1, 0, out CpuIdResult r);
        Present = (r.Ecx & 0x8000_0000) != 0;
        if (!Present)
            return;
        CpuIdResult.Read(FirstLeaf, 0, out r);
        uint* vendor = (uint*)Vendor;
        vendor[0] = r.Ebx;
        vendor[1] = r.Ecx;
        vendor[2] = r.Edx;
        IsTcg = r.Ebx == Tcg1 && r.Ecx == Tcg2 && r.Edx == Tcg3;
        // Old KVM reports 0 and means 1 leaf more.
        MaximumLeaf = r.Eax is >= FirstLeaf and < FirstLeaf + 0x10000 ? r.Eax : FirstLeaf;
        if (MaximumLeaf < FirstLeaf + 3)
            return;
        CpuIdResult.Read(FirstLeaf + 1, 0, out r);
        IsHyperV = r.Eax == HyperVInterface;
        if (!IsHyperV)
            return;
        CpuIdResult.Read(FirstLeaf + 2, 0, out r);
        Build = r.Eax;
        Version = r.Ebx;
        CpuIdResult.Read(FirstLeaf + 3, 0, out r);
        Privileges = r.Eax;
        HypercallPrivileges = r.Ebx;
        Features = r.Edx;
    }

    /// <summary>True when Hyper-V grants all these privileges.</summary>
    public static bool Has(uint privileges) => (Privileges & privileges) == privileges;
}
