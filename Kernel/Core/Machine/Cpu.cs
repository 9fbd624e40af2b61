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

    /// <summary>WRMSR that reports a general protection fault as false instead of ending in a panic.</summary>
    [RuntimeImport("*", "cpu_try_wrmsr"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern int TryWriteMsr(uint register, ulong value);

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

    /// <summary>Writes zeros to one 4 KiB page.</summary>
    [RuntimeImport("*", "cpu_zero_page"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void ZeroPage(void* page);

    [RuntimeImport("*", "cpu_read_cr4"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong ReadCr4();

    [RuntimeImport("*", "cpu_write_cr4"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void WriteCr4(ulong value);

    [RuntimeImport("*", "cpu_xsetbv"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void WriteXcr(uint register, ulong value);

    [RuntimeImport("*", "cpu_lidt"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void LoadIdt(void* pointer);

    [RuntimeImport("*", "cpu_lgdt"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void LoadGdt(void* pointer);

    [RuntimeImport("*", "cpu_ltr"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void LoadTaskRegister(ushort selector);

    /// <summary>The calling processor's area.</summary>
    [RuntimeImport("*", "cpu_self"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern CpuArea* Self();

    /// <summary>Saves the live FPU state; the XMM part is taken from the area, where the entry stub left it.</summary>
    [RuntimeImport("*", "cpu_fpu_save"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void SaveFpu(void* area);

    /// <summary>Makes the entry stubs use XSAVE instead of FXSAVE.</summary>
    [RuntimeImport("*", "cpu_enable_xsave"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void UseXsave();

    /// <summary>Leaves the kernel for a thread for the first time on this processor. Does not return.</summary>
    [RuntimeImport("*", "cpu_resume"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Resume(Thread* thread);

    /// <summary>RDRAND, a few tries; 0 when the generator gave nothing.</summary>
    [RuntimeImport("*", "cpu_rdrand"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern int TryRandom(ulong* value);

    /// <summary>MFENCE and LFENCE: earlier stores are seen before a later WRMSR acts.</summary>
    [RuntimeImport("*", "cpu_fence"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Fence();

    /// <summary>A hypercall through the page that the hypervisor has filled: control word, input and output (or two words of fast input).</summary>
    [RuntimeImport("*", "cpu_hypercall"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong Hypercall(ulong page, ulong control, ulong input, ulong output);

    /// <summary><see cref="Clock.NowNanoseconds"/>'s fast path, which calls the slow one when it is not plain (boot/entry/clock.asm).</summary>
    [RuntimeImport("*", "cpu_clock_now"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong ReadClock();
}
