namespace GuestOS.Kernel.Core;

/// <summary>What neither the kernel nor a processor does: memory was overwritten, or a hypervisor or an emulator is wrong.</summary>
internal static unsafe partial class Panic
{
    /// <summary>See <see cref="TrapFrame.IsForbiddenInterrupt"/>.</summary>
    public static void ForbiddenInterrupt(TrapFrame* frame)
    {
        Begin(PanicCode.Fault);
        KernelLog.Write("interrupt while interrupts were off, at "u8);
        KernelLog.Hex(frame->Rip);
        KernelLog.EndLine();
        Message("interrupt while interrupts were off"u8);
        Finish(frame, 0);
    }

    /// <summary>A processor that runs a thread does not answer interrupts.</summary>
    /// <param name="index">The processor.</param>
    public static void SilentProcessor(int index)
    {
        Begin(PanicCode.Fault);
        KernelLog.Write("processor "u8);
        KernelLog.Dec((ulong)index);
        KernelLog.Write(" does not answer"u8);
        KernelLog.EndLine();
        Message("a processor does not answer"u8);
        Finish(&Cpu.Self()->Current->Frame, 0);
    }

    /// <summary>A thread has faulted on a processor whose FS base is not the thread's.</summary>
    /// <param name="thread">The thread.</param>
    /// <param name="fsBase">What the processor has.</param>
    /// <param name="address">Address of the fault.</param>
    public static void ForeignThreadPointer(Thread* thread, ulong fsBase, ulong address)
    {
        Begin(PanicCode.Fault);
        KernelLog.Write("thread "u8);
        KernelLog.Dec((ulong)thread->Id);
        KernelLog.Write(" ran with FS base "u8);
        KernelLog.Hex(fsBase);
        KernelLog.Write(" in place of "u8);
        KernelLog.Hex(thread->FsBase);
        KernelLog.EndLine();
        Message("a thread ran with an FS base that is not its own"u8);
        Finish(&thread->Frame, address);
    }

    /// <summary>A thread has faulted whose control block, at FS base, does not hold what it must.</summary>
    /// <param name="thread">The thread.</param>
    /// <param name="word">What stands at FS:0.</param>
    /// <param name="address">Address of the fault.</param>
    public static void LostThreadBlock(Thread* thread, ulong word, ulong address)
    {
        Begin(PanicCode.Fault);
        KernelLog.Write("the control block of thread "u8);
        KernelLog.Dec((ulong)thread->Id);
        KernelLog.Write(" at "u8);
        KernelLog.Hex(thread->FsBase);
        KernelLog.Write(" begins with "u8);
        KernelLog.Hex(word);
        KernelLog.EndLine();
        Message("the control block of a thread was overwritten"u8);
        Finish(&thread->Frame, address);
    }
}
