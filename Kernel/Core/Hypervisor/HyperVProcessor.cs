namespace GuestOS.Kernel.Core;

/// <summary>
/// What belongs to one processor of Hyper-V's interface. The pages are live from the processor's start to its end
/// (<see cref="HyperV.LeaveProcessor"/>): managed code that needs the SynIC finds them enabled in SIMP and SIEFP, adopts them, and
/// programs sources of its own; <see cref="SynIc.TimerSint"/> is the kernel's.
/// </summary>
internal struct HyperVProcessor
{
    /// <summary>What this processor has switched on.</summary>
    public HypervisorUses Active;

    /// <summary>What it was to switch on and the hypervisor refused.</summary>
    public HypervisorUses Refused;

    /// <summary>Guest-physical address of its message page (SIMP); 0 without.</summary>
    public ulong Messages;

    /// <summary>Guest-physical address of its event page (SIEFP); 0 without.</summary>
    public ulong Events;

    /// <summary>Guest-physical address of its assist page; 0 without.</summary>
    public ulong Assist;

    /// <summary>A page for the input of its hypercalls; 0 without.</summary>
    public ulong Input;

    /// <summary>The hypervisor's number for it; meaningful with <see cref="HypervisorUses.VpIndex"/> in <see cref="Active"/>.</summary>
    public uint VpIndex;

    /// <summary>1 once it has undone everything, on its way to a halt.</summary>
    public int HasLeft;

    /// <summary>Hypercalls made here.</summary>
    public ulong Hypercalls;

    /// <summary>Ends of interrupts written, and not written because the hypervisor did not need them.</summary>
    public ulong EoiWritten, EoiSaved;

    /// <summary>Times that it told the hypervisor of a long wait.</summary>
    public ulong LongSpins;

    /// <summary>Messages of the timer taken from the slot, and such that were not what a timer sends.</summary>
    public ulong TimerMessages, BadMessages;

    /// <summary>Run time when last looked at, 100 ns units.</summary>
    public ulong VpRuntime;

    /// <summary>1: look at the run time at the next interrupt of another processor.</summary>
    public int IsRuntimeWanted;
}
