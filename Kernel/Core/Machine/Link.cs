using System.Runtime;
using System.Runtime.CompilerServices;

namespace GuestOS.Kernel.Core;

/// <summary>Addresses that only the linker knows (boot/entry/cpu.asm, boot/entry/application_processor.asm).</summary>
internal static unsafe class Link
{
    /// <summary>First byte of the loaded image: its ELF header.</summary>
    [RuntimeImport("*", "link_image_start"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong ImageStart();

    /// <summary>First byte after the image's zeroed data.</summary>
    [RuntimeImport("*", "link_image_end"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong ImageEnd();

    /// <summary>Entry point of the C start-up code, which starts the runtime.</summary>
    [RuntimeImport("*", "link_runtime_start"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong RuntimeStart();

    /// <summary>256 addresses of interrupt stubs.</summary>
    [RuntimeImport("*", "link_trap_vectors"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong* TrapVectors();

    [RuntimeImport("*", "link_trap_syscall"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong TrapSyscall();

    [RuntimeImport("*", "link_trap_idle"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong TrapIdle();

    [RuntimeImport("*", "link_trap_signal_return"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong TrapSignalReturn();

    [RuntimeImport("*", "link_boot_stack_top"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong BootStackTop();

    [RuntimeImport("*", "link_trampoline_start"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern byte* TrampolineStart();

    [RuntimeImport("*", "link_trampoline_size"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern int TrampolineSize();

    [RuntimeImport("*", "link_trampoline_data"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern int TrampolineData();

    [RuntimeImport("*", "link_trampoline_gdt"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern int TrampolineGdt();

    [RuntimeImport("*", "link_trampoline_gdt_base"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern int TrampolineGdtBase();

    /// <summary>What the clock's fast path reads (boot/entry/clock.asm).</summary>
    [RuntimeImport("*", "link_clock_data"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ClockData* ClockData();

    /// <summary>The image in which the C library finds clock_gettime (boot/entry/clock.asm).</summary>
    [RuntimeImport("*", "link_vdso"), MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong Vdso();
}
