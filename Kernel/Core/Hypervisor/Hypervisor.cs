namespace GuestOS.Kernel.Core;

/// <summary>What CPUID says about the hypervisor below, if there is one (TLFS 6.0, 2.4; the same range serves KVM, VMware and QEMU).</summary>
internal static unsafe class Hypervisor
{
    private const uint FirstLeaf = 0x4000_0000;
    private const uint LeafInterface = FirstLeaf + 1;
    private const uint LeafVersion = FirstLeaf + 2;
    private const uint LeafFeatures = FirstLeaf + 3;
    private const uint LeafRecommendations = FirstLeaf + 4;
    private const uint LeafLimits = FirstLeaf + 5;

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

    /// <summary>What Hyper-V's interface offers; all zero elsewhere.</summary>
    public static HypervisorOffer Offer;

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
        if (MaximumLeaf < LeafFeatures)
            return;
        CpuIdResult.Read(LeafInterface, 0, out r);
        IsHyperV = r.Eax == HyperVInterface;
        if (!IsHyperV)
            return;
        CpuIdResult.Read(LeafFeatures, 0, out r);
        Offer.Privileges = r.Eax;
        Offer.HypercallPrivileges = r.Ebx;
        Offer.Features = r.Edx;
        if (MaximumLeaf >= LeafRecommendations)
        {
            CpuIdResult.Read(LeafRecommendations, 0, out r);
            Offer.Hints = r.Eax;
            Offer.SpinRetries = r.Ebx;
        }

        if (MaximumLeaf >= LeafLimits)
        {
            CpuIdResult.Read(LeafLimits, 0, out r);
            Offer.MaximumProcessors = r.Eax;
        }

        ReadVersion();
    }

    /// <summary>Reads build and version (again): a host may hide them until it knows the guest's id.</summary>
    public static void ReadVersion()
    {
        if (!IsHyperV)
            return;
        CpuIdResult.Read(LeafVersion, 0, out CpuIdResult r);
        Build = r.Eax;
        Version = r.Ebx;
    }
}
