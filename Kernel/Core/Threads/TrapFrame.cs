using System.Runtime.InteropServices;

namespace GuestOS.Kernel.Core;

/// <summary>Registers of an interrupted thread, in the order in which boot/entry/traps.asm saves and restores them.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TrapFrame
{
    public ulong R15, R14, R13, R12, R11, R10, R9, R8;
    public ulong Rdi, Rsi, Rbp, Rbx, Rdx, Rcx, Rax;

    /// <summary>Interrupt vector, or <see cref="SyscallVector"/>.</summary>
    public ulong Vector;

    /// <summary>The processor's error code, 0 where there is none.</summary>
    public ulong Error;

    public ulong Rip, Cs, Rflags, Rsp, Ss;

    public const ulong SyscallVector = 0x100;
    public const ulong CodeSelector = 0x08;
    public const ulong DataSelector = 0x10;

    /// <summary>RFLAGS of a fresh thread: interrupts on, reserved bit 1.</summary>
    public const ulong InitialFlags = 0x202;

    private const ulong InterruptFlag = 1 << 9;

    /// <summary>
    /// An interrupt of a device, a timer or a processor that came while interrupts were off. No processor delivers that (Intel SDM 3A, 6.8.1), so a
    /// hypervisor or an emulator has; what it interrupted may have been half saved or half restored.
    /// </summary>
    public readonly bool IsForbiddenInterrupt => Vector is >= Vectors.Exceptions and < SyscallVector && (Rflags & InterruptFlag) == 0;
}
