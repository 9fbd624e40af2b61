using GuestOS.Kernel.Core;

namespace GuestOS.Kernel.Hardware;

/// <summary>The end of the run.</summary>
internal interface IPowerControl
{
    /// <summary>Ends the run; on the real machine it does not return.</summary>
    void End(PowerKind kind, PowerReason reason, byte status = 0);

    /// <summary>Makes the low-level kernel fault, for the self-tests; on the real machine it does not return.</summary>
    void ProvokeFault(FaultKind kind);
}
