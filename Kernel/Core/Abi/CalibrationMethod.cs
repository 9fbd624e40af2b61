namespace GuestOS.Kernel.Core;

/// <summary>Where the frequency of the time-stamp counter comes from.</summary>
public enum CalibrationMethod : uint
{
    /// <summary>Nothing to measure against: 1 GHz is assumed.</summary>
    Assumed = 0,

    /// <summary>Hyper-V's frequency MSRs.</summary>
    HyperVFrequency = 1,

    /// <summary>CPUID 0x40000010.</summary>
    HypervisorLeaf = 2,

    /// <summary>CPUID 0x15, with 0x16 where it does not name the crystal.</summary>
    CpuId = 3,

    /// <summary>Measured against the HPET.</summary>
    Hpet = 4,

    /// <summary>Measured against the ACPI PM timer.</summary>
    PmTimer = 5,

    /// <summary>Measured against Hyper-V's reference counter.</summary>
    ReferenceCounter = 6,

    /// <summary>Measured against the 8254.</summary>
    Pit = 7,

    /// <summary>CPUID 0x16: the nominal frequency.</summary>
    Nominal = 8,

    /// <summary>Measured over one second of the CMOS clock.</summary>
    Rtc = 9,
}
