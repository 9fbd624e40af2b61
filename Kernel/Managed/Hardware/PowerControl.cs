using GuestOS.Kernel.Core;

namespace GuestOS.Kernel.Hardware;

/// <summary>ACPI, the reset register, the debug exit port: as the low-level kernel finds them.</summary>
internal sealed class PowerControl : IPowerControl
{
    public void End(PowerKind kind, PowerReason reason, byte status = 0)
    {
        KernelEntry.Require(KernelCall.PowerOff, (ulong)kind, (ulong)reason, status);
        throw new InvalidOperationException("The machine did not stop.");
    }

    public void ProvokeFault(FaultKind kind)
    {
        KernelEntry.Require(KernelCall.ProvokeFault, (ulong)kind);
        throw new InvalidOperationException("The kernel survived.");
    }
}
