namespace GuestOS.Kernel.Core;

/// <summary>
/// The end of a kernel that cannot go on: stops the other processors, says why on every output, with registers, a trace of return
/// addresses and the runtime's own stack trace where it printed one, then ends as configured.
/// </summary>
internal static unsafe partial class Panic
{
    private const int TraceDepth = 32;

    public static bool InProgress;

    private static int s_isStopping;

    /// <summary>The machine comes to its end: processors other than the one that ends it stop where they are.</summary>
    public static bool IsStopping => Volatile.Read(ref s_isStopping) != 0;

    private static int s_once;
    private static PanicCode s_code;

    /// <summary>A processor exception that nobody handles.</summary>
    public static void Exception(TrapFrame* frame, ulong address)
    {
        Begin(frame->Vector == Vectors.DoubleFault ? PanicCode.DoubleFault : PanicCode.Fault);
        KernelLog.Write(ExceptionName(frame->Vector));
        KernelLog.Write(" at "u8);
        KernelLog.Hex(frame->Rip);
        KernelLog.Write(", address "u8);
        KernelLog.Hex(address);
        KernelLog.EndLine();
        Message(ExceptionName(frame->Vector));
        Finish(frame, address);
    }

    public static void StackOverflow(Thread* thread, ulong address)
    {
        Begin(PanicCode.Stack);
        KernelLog.Write("stack overflow in thread "u8);
        KernelLog.Dec((ulong)thread->Id);
        if (thread->Name[0] != 0)
        {
            KernelLog.Write(" "u8);
            KernelLog.Text(thread->Name);
        }

        KernelLog.EndLine();
        Message("stack overflow"u8);
        Finish(&thread->Frame, address);
    }

    public static void OutOfMemory(TrapFrame* frame, ulong address)
    {
        Begin(PanicCode.Memory);
        KernelLog.Write("out of memory: no page is left for "u8);
        KernelLog.Hex(address);
        KernelLog.EndLine();
        Message("out of memory"u8);
        Finish(frame, address);
    }

    /// <summary>A fatal signal: abort() of the runtime or the C library, or one without a handler.</summary>
    public static void KilledBySignal(Thread* thread, int signal)
    {
        Begin(LastWords.IsUnhandledException ? PanicCode.Unhandled : LastWords.IsFailFast ? PanicCode.FailFast : PanicCode.Abort);
        if (LastWords.Length != 0)
        {
            KernelLog.Write(LastWords.Bytes, (ulong)LastWords.FirstLine());
            Message(LastWords.Bytes, LastWords.FirstLine());
        }
        else
        {
            KernelLog.Write("killed by signal "u8);
            KernelLog.Dec((ulong)signal);
            Message(signal == Signals.SigAbrt ? "abort"u8 : "killed by a signal"u8);
        }

        KernelLog.EndLine();
        Finish(&thread->Frame, 0);
    }

    /// <summary>A failure of the boot itself, before there is any thread.</summary>
    public static void Boot(PanicCode kind, ReadOnlySpan<byte> message)
    {
        Begin(kind);
        CrashReport.Note(kind, null);
        KernelLog.Write(message);
        KernelLog.EndLine();
        Message(message);
        EventLog.End();
        PowerOff.End(PowerOff.Configured(PowerKind.Halt), PowerReason.Panic, PowerOff.StatusPanic);
    }

    /// <summary>Stops the other processors, those that wait for the kernel lock with interrupts off included.</summary>
    public static void StopOthers()
    {
        Volatile.Write(ref s_isStopping, 1);
        if (Smp.OnlineCount > 1)
            LocalApic.SendIpiAllButSelf(Vectors.Stop);
    }

    /// <summary>Undoes what this processor has switched on and halts it.</summary>
    public static void StopThisProcessor()
    {
        HyperV.LeaveProcessor(Cpu.Self());
        Cpu.HaltForever();
    }

    private static void Begin(PanicCode kind)
    {
        // A second panic, of this processor while it reports or of another, must not mix with the first.
        if (Interlocked.Exchange(ref s_once, 1) != 0)
            Cpu.HaltForever();
        InProgress = true;
        KernelLock.Break();
        StopOthers();
        EventLog.Begin("panic"u8);
        s_code = kind;
        EventLog.Text("kind"u8, KindName(kind));
        CrashReport.Append(KindName(kind));
        CrashReport.Append(": "u8);
        KernelLog.Begin(KernelLog.Error);
        KernelLog.Write("PANIC: "u8);
    }

    private static void Message(ReadOnlySpan<byte> text)
    {
        fixed (byte* bytes = text)
            Message(bytes, text.Length);
    }

    private static void Message(byte* text, int length)
    {
        EventLog.Text("message"u8, text, length);
        CrashReport.Append(text, length);
    }

    private static ReadOnlySpan<byte> KindName(PanicCode kind) => kind switch
    {
        PanicCode.DoubleFault => "doublefault"u8,
        PanicCode.Stack => "stack"u8,
        PanicCode.Memory => "memory"u8,
        PanicCode.Unhandled => "unhandled"u8,
        PanicCode.FailFast => "failfast"u8,
        PanicCode.Abort => "abort"u8,
        PanicCode.Boot => "boot"u8,
        _ => "fault"u8,
    };

    private static void Finish(TrapFrame* frame, ulong address)
    {
        CrashReport.Note(s_code, frame);
        EventLog.Hex("rip"u8, frame->Rip);
        EventLog.Hex("rsp"u8, frame->Rsp);
        EventLog.Hex("address"u8, address);
        TraceEvent(frame);
        if (LastWords.IsUnhandledException || LastWords.IsFailFast)
        {
            EventLog.Text("trace"u8, LastWords.Bytes, LastWords.Length);
            CrashReport.Append("\n"u8);
            CrashReport.Append(LastWords.Bytes, LastWords.Length);
        }

        EventLog.End();
        Registers(frame, address);
        Trace(frame);
        PowerOff.End(PowerOff.Configured(PowerKind.Halt), PowerReason.Panic, PowerOff.StatusPanic);
    }

    private static void Registers(TrapFrame* frame, ulong address)
    {
        Register("vector"u8, frame->Vector);
        Register(" error"u8, frame->Error);
        Register(" cr2"u8, address);
        Register(" cpu"u8, (ulong)Cpu.Self()->Index);
        Register(" fs"u8, Cpu.ReadMsr(Processor.MsrFsBase));
        KernelLog.EndLine();
        Register("rip"u8, frame->Rip);
        Register(" rsp"u8, frame->Rsp);
        Register(" rbp"u8, frame->Rbp);
        Register(" flags"u8, frame->Rflags);
        KernelLog.EndLine();
        Register("rax"u8, frame->Rax);
        Register(" rbx"u8, frame->Rbx);
        Register(" rcx"u8, frame->Rcx);
        Register(" rdx"u8, frame->Rdx);
        Register(" rsi"u8, frame->Rsi);
        Register(" rdi"u8, frame->Rdi);
        KernelLog.EndLine();
        Register("r8"u8, frame->R8);
        Register(" r9"u8, frame->R9);
        Register(" r10"u8, frame->R10);
        Register(" r11"u8, frame->R11);
        KernelLog.EndLine();
        Register("r12"u8, frame->R12);
        Register(" r13"u8, frame->R13);
        Register(" r14"u8, frame->R14);
        Register(" r15"u8, frame->R15);
        KernelLog.EndLine();
    }

    private static void Register(ReadOnlySpan<byte> name, ulong value)
    {
        KernelLog.Write(name);
        KernelLog.Write("="u8);
        KernelLog.Hex(value);
    }

    /// <summary>Return addresses along the chain of frame pointers, which the compiler keeps in all managed code; the fault's own first.</summary>
    private static void Trace(TrapFrame* frame)
    {
        KernelLog.Write("trace: "u8);
        KernelLog.Hex(frame->Rip);
        ulong pointer = frame->Rbp;
        for (int i = 0; i < TraceDepth && NextFrame(ref pointer, out ulong address); i++)
        {
            KernelLog.Write(" "u8);
            KernelLog.Hex(address);
        }

        KernelLog.EndLine();
    }

    /// <summary>The same for the event log, sixteen hexadecimal digits each; the boot tool knows the names.</summary>
    private static void TraceEvent(TrapFrame* frame)
    {
        EventLog.BeginText("frames"u8);
        EventLog.HexDigits(frame->Rip);
        ulong pointer = frame->Rbp;
        for (int i = 0; i < TraceDepth && NextFrame(ref pointer, out ulong address); i++)
        {
            EventLog.Space();
            EventLog.HexDigits(address);
        }

        EventLog.EndText();
    }

    /// <summary>Reads the return address beside a saved frame pointer and follows that; false at the end of the chain.</summary>
    private static bool NextFrame(ref ulong pointer, out ulong returnAddress)
    {
        returnAddress = 0;
        if (pointer == 0 || (pointer & 7) != 0 || PageTables.Translate(pointer) == 0 || PageTables.Translate(pointer + 8) == 0)
            return false;
        returnAddress = ((ulong*)pointer)[1];
        ulong next = *(ulong*)pointer;
        // Stacks grow down, so callers lie above.
        pointer = next > pointer ? next : 0;
        return returnAddress >= Link.ImageStart() && returnAddress < Link.ImageEnd();
    }

    private static ReadOnlySpan<byte> ExceptionName(ulong vector) => vector switch
    {
        Vectors.DivideError => "divide error"u8,
        Vectors.Nmi => "non-maskable interrupt"u8,
        Vectors.Breakpoint => "breakpoint"u8,
        Vectors.InvalidOpcode => "invalid instruction"u8,
        Vectors.DoubleFault => "double fault"u8,
        Vectors.GeneralProtection => "general protection fault"u8,
        Vectors.PageFault => "page fault"u8,
        Vectors.MachineCheck => "machine check"u8,
        _ => "processor exception"u8,
    };
}
