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

    /// <summary>Makes a call and turns a negative result into an exception.</summary>
    /// <exception cref="KernelCallException">The kernel refused; names the call and the errno.</exception>
    public static ulong Require(KernelCall number, ulong a0 = 0, ulong a1 = 0, ulong a2 = 0, ulong a3 = 0)
    {
        long result = Call(number, a0, a1, a2, a3);
        return result >= 0 ? (ulong)result : throw new KernelCallException(number, (int)-result);
    }
}
