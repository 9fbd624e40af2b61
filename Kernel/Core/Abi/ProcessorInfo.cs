using System.Runtime.InteropServices;

namespace GuestOS.Kernel.Core;

/// <summary>One processor, as <see cref="KernelCall.ProcessorList"/> lists it.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct ProcessorInfo
{
    /// <summary>The kernel's number.</summary>
    public uint Index;

    /// <summary>Id of its local APIC.</summary>
    public uint ApicId;

    /// <summary>The hypervisor's number, where <see cref="HypervisorUses.VpIndex"/> is in <see cref="Active"/>.</summary>
    public uint VpIndex;

    /// <summary>What it has switched on of Hyper-V's interface.</summary>
    public HypervisorUses Active;

    /// <summary>What interrupts it at a given time.</summary>
    public TickSource Tick;

    /// <summary>Times that its timer did not fire when it should have, and was set again.</summary>
    public uint LostTimers;

    /// <summary>Interrupts that it has taken, of all kinds.</summary>
    public ulong Interrupts;

    /// <summary>Those of its timer.</summary>
    public ulong TimerInterrupts;

    /// <summary>Nanoseconds that it was idle, up to this moment.</summary>
    public ulong IdleNanoseconds;

    /// <summary>The hypervisor's account of its run time in 100 ns units, when it was last looked at.</summary>
    public ulong VpRuntime;

    /// <summary>Guest-physical addresses of its SynIC's message page, event page, and of its assist page; 0 without.</summary>
    public ulong MessagePage;

    /// <summary>See <see cref="MessagePage"/>.</summary>
    public ulong EventPage;

    /// <summary>See <see cref="MessagePage"/>.</summary>
    public ulong AssistPage;
}
