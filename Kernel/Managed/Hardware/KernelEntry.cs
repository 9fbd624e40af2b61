using System.Runtime.InteropServices;
using GuestOS.Kernel.Core;

namespace GuestOS.Kernel.Hardware;

/// <summary>The symbols of boot/entry/cpu.asm that managed code calls: the kernel's system call and single instructions.</summary>
internal static unsafe partial class KernelEntry
{
    /// <summary>Makes a call of the kernel's own. May block: the garbage collector does not wait for this thread meanwhile.</summary>
    /// <returns>The result, or a negative errno.</returns>
    [DllImport("*", EntryPoint = "guestos_call")]
    public static extern long Call(KernelCall number, ulong a0 = 0, ulong a1 = 0, ulong a2 = 0, ulong a3 = 0, ulong a4 = 0, ulong a5 = 0);

    [DllImport("*", EntryPoint = "cpu_in8"), SuppressGCTransition]
    public static extern byte In8(ushort port);

    [DllImport("*", EntryPoint = "cpu_in16"), SuppressGCTransition]
    public static extern ushort In16(ushort port);

    [DllImport("*", EntryPoint = "cpu_in32"), SuppressGCTransition]
    public static extern uint In32(ushort port);

    [DllImport("*", EntryPoint = "cpu_out8"), SuppressGCTransition]
    public static extern void Out8(ushort port, byte value);

    [DllImport("*", EntryPoint = "cpu_out16"), SuppressGCTransition]
    public static extern void Out16(ushort port, ushort value);

    [DllImport("*", EntryPoint = "cpu_out32"), SuppressGCTransition]
    public static extern void Out32(ushort port, uint value);

    /// <summary>REP INSW; count in 16-bit words.</summary>
    [DllImport("*", EntryPoint = "cpu_ins16"), SuppressGCTransition]
    public static extern void InRepeated16(ushort port, void* destination, ulong count);

    /// <summary>REP OUTSW; count in 16-bit words.</summary>
    [DllImport("*", EntryPoint = "cpu_outs16"), SuppressGCTransition]
    public static extern void OutRepeated16(ushort port, void* source, ulong count);

    [DllImport("*", EntryPoint = "cpu_rdmsr"), SuppressGCTransition]
    public static extern ulong ReadMsr(uint register);

    [DllImport("*", EntryPoint = "cpu_wrmsr"), SuppressGCTransition]
    public static extern void WriteMsr(uint register, ulong value);

    [DllImport("*", EntryPoint = "cpu_cpuid"), SuppressGCTransition]
    public static extern void CpuId(uint leaf, uint subleaf, uint* result);

    [DllImport("*", EntryPoint = "cpu_rdtsc"), SuppressGCTransition]
    public static extern ulong ReadTsc();

    /// <summary>The kernel's clock: nanoseconds since its entry, as <see cref="System.Diagnostics.Stopwatch"/> has them, without the C library's detour.</summary>
    [DllImport("*", EntryPoint = "cpu_clock_read"), SuppressGCTransition]
    public static extern long ReadClock();

    /// <summary>The processor that runs the caller at this moment.</summary>
    [DllImport("*", EntryPoint = "cpu_index"), SuppressGCTransition]
    public static extern int ProcessorIndex();

    /// <summary>A hypercall through the page at this address.</summary>
    [DllImport("*", EntryPoint = "cpu_hypercall"), SuppressGCTransition]
    public static extern ulong Hypercall(ulong page, ulong control, ulong input, ulong output);

    /// <summary>Makes a call and turns a negative result into an exception.</summary>
    /// <exception cref="KernelCallException">The kernel refused; names the call and the errno.</exception>
    public static ulong Require(KernelCall number, ulong a0 = 0, ulong a1 = 0, ulong a2 = 0, ulong a3 = 0)
    {
        long result = Call(number, a0, a1, a2, a3);
        return result >= 0 ? (ulong)result : throw new KernelCallException(number, (int)-result);
    }
}
