using System.Runtime.InteropServices;

namespace GuestOS.Kernel.Core;

/// <summary>What an <see cref="InterruptInfo"/> is about.</summary>
public enum InterruptKind : uint
{
    /// <summary>An ISA interrupt, or a line of the 8259s.</summary>
    Isa = 1,

    /// <summary>An IO-APIC input.</summary>
    Line = 2,

    /// <summary>A message-signalled vector.</summary>
    Message = 3,

    /// <summary>The kernel's own: timer, inter-processor, spurious.</summary>
    Kernel = 4,

    /// <summary>A vector of every processor's local APIC, on one of them; the hypervisor raises it.</summary>
    Processor = 5,
}

/// <summary>Bits of <see cref="InterruptInfo.Flags"/>; bits 0 to 2 are also the flags of <see cref="KernelCall.InterruptOpen"/>.</summary>
[Flags]
public enum InterruptFlags : uint
{
    /// <summary>Edge, active high, by GSI.</summary>
    None = 0,

    /// <summary>Level-triggered.</summary>
    Level = 1,

    /// <summary>Active low.</summary>
    ActiveLow = 2,

    /// <summary>The number is an ISA interrupt (firmware overrides apply), not a GSI.</summary>
    Isa = 4,

    /// <summary>Masked at this moment.</summary>
    Masked = 8,
}

/// <summary>One interrupt in use, as <see cref="KernelCall.InterruptList"/> lists it.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct InterruptInfo
{
    /// <summary>What <see cref="KernelCall.InterruptOpen"/> returned; 0 for the kernel's own.</summary>
    public uint Handle;

    /// <summary>What it is.</summary>
    public InterruptKind Kind;

    /// <summary>ISA interrupt or GSI; for a message and for the kernel's own the vector.</summary>
    public uint Number;

    /// <summary>Processor vector.</summary>
    public uint Vector;

    /// <summary>Trigger and state.</summary>
    public InterruptFlags Flags;

    /// <summary>Processor that it is sent to.</summary>
    public uint Cpu;

    /// <summary>Times that it came.</summary>
    public ulong Count;
}
