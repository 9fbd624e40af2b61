using System.Runtime;
using System.Runtime.CompilerServices;

namespace GuestOS.Kernel.Core;

/// <summary>Single instructions that C# has no word for; implemented in boot/entry/cpu.asm.</summary>
internal static unsafe class Cpu
{
    [RuntimeImport("*", "cpu_in8"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern byte In8(ushort port);

    [RuntimeImport("*", "cpu_in16"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ushort In16(ushort port);

    [RuntimeImport("*", "cpu_in32"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern uint In32(ushort port);

    [RuntimeImport("*", "cpu_out8"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Out8(ushort port, byte value);

    [RuntimeImport("*", "cpu_out16"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Out16(ushort port, ushort value);

    [RuntimeImport("*", "cpu_out32"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Out32(ushort port, uint value);

    [RuntimeImport("*", "cpu_rdmsr"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong ReadMsr(uint register);

    [RuntimeImport("*", "cpu_wrmsr"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void WriteMsr(uint register, ulong value);

    /// <summary>RDMSR that reports a general protection fault as false instead of ending in a panic.</summary>
    [RuntimeImport("*", "cpu_try_rdmsr"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern int TryReadMsr(uint register, ulong* value);

    /// <summary>CPUID; result receives EAX, EBX, ECX, EDX.</summary>
    [RuntimeImport("*", "cpu_cpuid"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void CpuId(uint leaf, uint subleaf, uint* result);

    /// <summary>RDTSC, ordered after earlier loads.</summary>
    [RuntimeImport("*", "cpu_rdtsc"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong ReadTsc();

    [RuntimeImport("*", "cpu_pause"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Pause();

    /// <summary>HLT with interrupts off: the end.</summary>
    [RuntimeImport("*", "cpu_halt_forever"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void HaltForever();

    [RuntimeImport("*", "cpu_read_cr2"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong ReadCr2();

    [RuntimeImport("*", "cpu_read_cr3"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong ReadCr3();

    [RuntimeImport("*", "cpu_write_cr3"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void WriteCr3(ulong value);

    [RuntimeImport("*", "cpu_invlpg"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void InvalidatePage(ulong address);

    /// <summary>memset by REP STOSB; no helper of the runtime involved.</summary>
    [RuntimeImport("*", "cpu_fill"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Fill(void* destination, byte value, ulong length);

    /// <summary>memmove by REP MOVSB in the right direction.</summary>
    [RuntimeImport("*", "cpu_copy"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Copy(void* destination, void* source, ulong length);

    /// <summary>Loads IDTR with a zero limit and faults: resets the machine when nothing else does.</summary>
    [RuntimeImport("*", "cpu_triple_fault"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void TripleFault();
}
