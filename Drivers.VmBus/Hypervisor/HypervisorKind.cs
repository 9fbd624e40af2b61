namespace GuestOS.Drivers.VmBus.Hypervisor;

/// <summary>What runs below the kernel.</summary>
public enum HypervisorKind
{
    /// <summary>Nothing that says so.</summary>
    None,

    /// <summary>Hyper-V's interface ("Hv#1"), whoever implements it.</summary>
    HyperV,

    /// <summary>A hypervisor with another interface.</summary>
    Other,
}
