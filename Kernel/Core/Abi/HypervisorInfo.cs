using System.Runtime.InteropServices;

namespace GuestOS.Kernel.Core;

/// <summary>The low-level kernel's use of Hyper-V's interface, with counters of all processors together. All zero on other machines.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct HypervisorInfo
{
    /// <summary>What is in use.</summary>
    public HypervisorUses Uses;

    /// <summary>What the hypervisor offered and then did not carry out.</summary>
    public HypervisorUses Refused;

    /// <summary>CPUID 0x40000003 EAX.</summary>
    public uint Privileges;

    /// <summary>CPUID 0x40000003 EBX.</summary>
    public uint HypercallPrivileges;

    /// <summary>CPUID 0x40000003 EDX.</summary>
    public uint Features;

    /// <summary>CPUID 0x40000004 EAX.</summary>
    public uint Hints;

    /// <summary>CPUID 0x40000004 EBX.</summary>
    public uint SpinRetries;

    /// <summary>CPUID 0x40000005 EAX.</summary>
    public uint MaximumProcessors;

    /// <summary>CPUID 0x40000002 EAX.</summary>
    public uint Build;

    /// <summary>CPUID 0x40000002 EBX: major version in the upper, minor in the lower half.</summary>
    public uint Version;

    /// <summary>Guest-physical address of the hypercall page; 0 without.</summary>
    public ulong HypercallPage;

    /// <summary>Hypercalls that the low-level kernel has made; those of managed code are not among them.</summary>
    public ulong Hypercalls;

    /// <summary>Ends of interrupts written.</summary>
    public ulong EoiWritten;

    /// <summary>Ends of interrupts not written, because the hypervisor had said that it needs none.</summary>
    public ulong EoiSaved;

    /// <summary>Times that the hypervisor was told of a long wait for the kernel lock.</summary>
    public ulong LongSpins;

    /// <summary>Messages of synthetic timers.</summary>
    public ulong TimerMessages;

    /// <summary>Messages in the timers' slots that no timer sends; dropped.</summary>
    public ulong BadMessages;

    /// <summary>Times that the kernel lock was taken by another processor.</summary>
    public ulong LockContentions;

    /// <summary>Times that other processors had to flush their translations.</summary>
    public ulong Shootdowns;

    /// <summary>Requests to flush that went out once more, because the processor did not answer.</summary>
    public ulong ShootdownRepeats;
}
