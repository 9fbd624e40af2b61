namespace GuestOS.Kernel.Core;

/// <summary>
/// The signals that the runtime uses: SIGSEGV and SIGFPE become its exceptions, a real-time signal by tgkill suspends a thread for the
/// garbage collector, SIGABRT ends. Handlers run on the thread's own stack with a frame of Linux's layout
/// (arch/x86/include/uapi/asm/sigcontext.h), which they may edit. LOCKING: the kernel lock.
/// </summary>
internal static unsafe class Signals
{
    public const int SigIll = 4;
    public const int SigTrap = 5;
    public const int SigAbrt = 6;
    public const int SigFpe = 8;
    public const int SigKill = 9;
    public const int SigSegv = 11;

    public const int FpeIntDiv = 1;
    public const int SegvMapError = 1;
    public const int SegvAccessError = 2;
    public const int SegvKernel = 128;

    /// <summary>Highest signal number.</summary>
    public const int Count = 64;

    /// <summary>si_code of tgkill.</summary>
    private const int SentByTkill = -6;

    private const ulong HandlerDefault = 0;
    private const ulong HandlerIgnore = 1;
    private const ulong FlagNoDefer = 0x4000_0000;
    private const ulong FlagRestorer = 0x0400_0000;
    private const ulong FlagResetHandler = 0x8000_0000;

    /// <summary>SIGCHLD, SIGCONT, SIGURG, SIGWINCH.</summary>
    private const ulong IgnoredByDefault = (1UL << 16) | (1UL << 17) | (1UL << 22) | (1UL << 27);

    private const ulong RedZone = 128;
    private const ulong UserFlags = 0xCD5;
    private const ulong FrameFlags = 0x202;

    // Offsets in the frame at the handler's stack pointer: return address, ucontext, siginfo.
    private const int ContextOffset = 8;
    private const int RegistersOffset = ContextOffset + 40;
    private const int MaskOffset = ContextOffset + 296;
    private const int InfoOffset = MaskOffset + 128;
    private const int FrameSize = InfoOffset + 128;

    private struct Actions
    {
        public fixed ulong Handlers[Count + 1];
        public fixed ulong Flags[Count + 1];
        public fixed ulong Restorers[Count + 1];
        public fixed ulong Masks[Count + 1];
    }

    private static Actions s_actions;

    public static ulong DeliveredCount;

    /// <summary>rt_sigaction. Both structures: handler, flags, restorer, mask (8 bytes each).</summary>
    public static long Action(int signal, ulong* action, ulong* old)
    {
        if (signal is < 1 or > Count)
            return Errno.EInval;
        if ((action != null && !UserMemory.CanRead((ulong)action, 32)) || (old != null && !UserMemory.CanWrite((ulong)old, 32)))
            return Errno.EFault;
        fixed (Actions* actions = &s_actions)
        {
            if (old != null)
            {
                old[0] = actions->Handlers[signal];
                old[1] = actions->Flags[signal];
                old[2] = actions->Restorers[signal];
                old[3] = actions->Masks[signal];
            }

            if (action != null)
            {
                actions->Handlers[signal] = action[0];
                actions->Flags[signal] = action[1];
                actions->Restorers[signal] = action[2];
                actions->Masks[signal] = action[3];
            }
        }

        return 0;
    }

    /// <summary>A fault of the running thread: its handler must run before the thread can go on; without one the machine ends.</summary>
    public static void Fault(Thread* thread, int signal, int code, ulong address)
    {
        // With another thread's FS base, or none, the handler would only fault again and hide what was wrong.
        ulong fsBase = Cpu.ReadMsr(Processor.MsrFsBase);
        if (fsBase != thread->FsBase)
        {
            Panic.ForeignThreadPointer(thread, fsBase, address);
            return;
        }

        // The word at FS:0 is FS base itself (System V ABI AMD64, TLS variant II). Another value means that the thread's memory is lost.
        ulong self = PageTables.Translate(fsBase);
        if (fsBase != 0 && self != 0 && *(ulong*)self != fsBase)
        {
            Panic.LostThreadBlock(thread, *(ulong*)self, address);
            return;
        }

        if (Handler(signal) is HandlerDefault or HandlerIgnore || (thread->SignalMask & Bit(signal)) != 0)
        {
            Panic.Exception(&thread->Frame, address);
            return;
        }

        thread->SignalAddress = address;
        thread->SignalCode = code;
        thread->SignalPending |= Bit(signal);
    }

    /// <summary>tgkill: marks the signal and makes the thread's processor look.</summary>
    public static long Send(Thread* target, int signal)
    {
        if (signal == 0)
            return 0;
        ulong handler = Handler(signal);
        if (handler == HandlerIgnore || (handler == HandlerDefault && (IgnoredByDefault & Bit(signal)) != 0))
            return 0;
        if (handler == HandlerDefault || signal == SigKill)
        {
            Panic.KilledBySignal(target, signal);
            return 0;
        }

        target->SignalPending |= Bit(signal);
        if (target->State == ThreadState.Running && target->Cpu != Cpu.Self()->Index)
            Ipi.Send(Smp.Area(target->Cpu), Vectors.Reschedule);
        return 0;
    }

    /// <summary>Builds the frame of the lowest pending signal. <paramref name="isLive"/>: the thread's FPU state is still in the processor.</summary>
    public static void Deliver(CpuArea* cpu, Thread* thread, bool isLive)
    {
        ulong ready = thread->SignalPending & ~thread->SignalMask;
        int signal = 1;
        while ((ready & Bit(signal)) == 0)
            signal++;
        thread->SignalPending &= ~Bit(signal);
        if (isLive)
            FpuState.Save(cpu, thread);

        ulong fpu = (thread->Frame.Rsp - RedZone - ThreadTable.FpuSize) & ~63UL;
        ulong frame = ((fpu - FrameSize) & ~15UL) - 8;
        if (!UserMemory.CanWrite(frame, thread->Frame.Rsp - frame))
        {
            Panic.StackOverflow(thread, frame);
            return;
        }

        Cpu.Copy((void*)fpu, thread->Fpu, ThreadTable.FpuSize);
        byte* bytes = (byte*)frame;
        Cpu.Fill(bytes, 0, FrameSize);
        fixed (Actions* actions = &s_actions)
        {
            *(ulong*)bytes = (actions->Flags[signal] & FlagRestorer) != 0 ? actions->Restorers[signal] : Link.TrapSignalReturn();
            StoreRegisters(thread, (ulong*)(bytes + RegistersOffset), fpu);
            *(ulong*)(bytes + MaskOffset) = thread->SignalMask;
            *(int*)(bytes + InfoOffset) = signal;
            bool fault = signal is SigSegv or SigFpe or SigIll or SigTrap;
            *(int*)(bytes + InfoOffset + 8) = fault ? thread->SignalCode : SentByTkill;
            if (fault)
                *(ulong*)(bytes + InfoOffset + 16) = thread->SignalAddress;
            thread->SignalMask |= actions->Masks[signal];
            if ((actions->Flags[signal] & FlagNoDefer) == 0)
                thread->SignalMask |= Bit(signal);
            thread->Frame.Rip = actions->Handlers[signal];
            if ((actions->Flags[signal] & FlagResetHandler) != 0)
                actions->Handlers[signal] = HandlerDefault;
        }

        thread->Frame.Rsp = frame;
        thread->Frame.Rdi = (ulong)signal;
        thread->Frame.Rsi = frame + InfoOffset;
        thread->Frame.Rdx = frame + ContextOffset;
        thread->Frame.Rax = 0;
        thread->Frame.Rflags = FrameFlags;
        DeliveredCount++;
    }

    /// <summary>rt_sigreturn: the stack pointer is just above the frame's return address.</summary>
    public static void Return(Thread* thread)
    {
        ulong frame = thread->Frame.Rsp - ContextOffset;
        if (!UserMemory.CanRead(frame, FrameSize))
        {
            Panic.Exception(&thread->Frame, frame);
            return;
        }

        byte* bytes = (byte*)frame;
        ulong* registers = (ulong*)(bytes + RegistersOffset);
        ulong fpu = registers[23];
        LoadRegisters(thread, registers);
        thread->SignalMask = *(ulong*)(bytes + MaskOffset);
        if (fpu != 0 && (fpu & 63) == 0 && UserMemory.CanRead(fpu, ThreadTable.FpuSize))
        {
            Cpu.Copy(thread->Fpu, (void*)fpu, ThreadTable.FpuSize);
            Cpu.Self()->FpuReload = 1;
        }
    }

    // Order of struct sigcontext: R8 to R15, RDI, RSI, RBP, RBX, RDX, RAX, RCX, RSP, RIP, flags, selectors, error, trap number, mask,
    // CR2, pointer to the FPU state.
    private static void StoreRegisters(Thread* thread, ulong* to, ulong fpu)
    {
        TrapFrame* from = &thread->Frame;
        to[0] = from->R8;
        to[1] = from->R9;
        to[2] = from->R10;
        to[3] = from->R11;
        to[4] = from->R12;
        to[5] = from->R13;
        to[6] = from->R14;
        to[7] = from->R15;
        to[8] = from->Rdi;
        to[9] = from->Rsi;
        to[10] = from->Rbp;
        to[11] = from->Rbx;
        to[12] = from->Rdx;
        to[13] = from->Rax;
        to[14] = from->Rcx;
        to[15] = from->Rsp;
        to[16] = from->Rip;
        to[17] = from->Rflags;
        to[18] = from->Cs | (from->Ss << 48);
        to[19] = from->Error;
        to[20] = from->Vector;
        to[21] = thread->SignalMask;
        to[22] = thread->SignalAddress;
        to[23] = fpu;
    }

    private static void LoadRegisters(Thread* thread, ulong* from)
    {
        TrapFrame* to = &thread->Frame;
        to->R8 = from[0];
        to->R9 = from[1];
        to->R10 = from[2];
        to->R11 = from[3];
        to->R12 = from[4];
        to->R13 = from[5];
        to->R14 = from[6];
        to->R15 = from[7];
        to->Rdi = from[8];
        to->Rsi = from[9];
        to->Rbp = from[10];
        to->Rbx = from[11];
        to->Rdx = from[12];
        to->Rax = from[13];
        to->Rcx = from[14];
        to->Rsp = from[15];
        to->Rip = from[16];
        to->Rflags = (from[17] & UserFlags) | FrameFlags;
    }

    private static ulong Bit(int signal) => 1UL << (signal - 1);

    private static ulong Handler(int signal)
    {
        fixed (Actions* actions = &s_actions)
            return actions->Handlers[signal];
    }
}
