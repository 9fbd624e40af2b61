namespace GuestOS.Kernel.Core;

/// <summary>
/// Tells the hypervisor that the kernel has panicked (crash registers, TLFS 2.5). With a text where it takes one, which is the log's line
/// of the panic; else with numbers: P0 = <see cref="Code"/>, P1 = guest OS id, P2 = RIP, P3 = RAX, P4 = RSP.
/// </summary>
internal static unsafe class CrashReport
{
    /// <summary>CRASH_CTL: report, or may be reported.</summary>
    public const ulong Notify = 1UL << 63;

    /// <summary>CRASH_CTL: P3 and P4 are address and length of a text.</summary>
    public const ulong Message = 1UL << 62;

    /// <summary>Bytes of text at most.</summary>
    public const int LongestText = 4096;

    private const int CodeVectorShift = 8;

    private static CrashParameters s_parameters;
    private static ulong s_capabilities;
    private static ulong s_text;
    private static int s_length;
    private static int s_isSent;

    /// <summary>What the hypervisor takes: bits of CRASH_CTL as read.</summary>
    public static ulong Capabilities => s_capabilities;

    /// <summary>Finds out what the hypervisor takes, and has a page ready: a panic allocates nothing. False when it takes nothing.</summary>
    public static bool Prepare()
    {
        ulong capabilities;
        if (Cpu.TryReadMsr(HyperVMsr.CrashControl, &capabilities) == 0 || (capabilities & Notify) == 0)
            return false;
        if ((capabilities & Message) != 0)
            s_text = PhysicalMemory.AllocatePage();
        s_capabilities = capabilities;
        return true;
    }

    /// <summary>Value of P0: the kind of panic in the low byte, the exception's vector above it.</summary>
    public static ulong Code(PanicCode code, ulong vector) => (ulong)code | (vector << CodeVectorShift);

    /// <summary>Notes the numbers.</summary>
    public static void Note(PanicCode code, TrapFrame* frame)
    {
        s_parameters.P0 = Code(code, frame == null ? 0 : frame->Vector & 0xFF);
        s_parameters.P1 = HypercallPage.GuestOsId;
        s_parameters.P2 = frame == null ? 0 : frame->Rip;
        s_parameters.P3 = frame == null ? 0 : frame->Rax;
        s_parameters.P4 = frame == null ? 0 : frame->Rsp;
    }

    /// <summary>Adds to the text; what does not fit is cut off.</summary>
    public static void Append(byte* text, int length)
    {
        for (int i = 0; i < length && s_text != 0 && s_length < LongestText; i++)
            ((byte*)s_text)[s_length++] = text[i];
    }

    /// <summary>Adds to the text.</summary>
    public static void Append(ReadOnlySpan<byte> text)
    {
        fixed (byte* bytes = text)
            Append(bytes, text.Length);
    }

    /// <summary>
    /// What goes into the registers: the text where the hypervisor takes one and there is one, else the numbers. Pure.
    /// </summary>
    /// <param name="capabilities">CRASH_CTL as read.</param>
    /// <param name="numbers">P0 to P4 without a text.</param>
    /// <param name="text">Guest-physical address of the text; 0 for none.</param>
    /// <param name="length">Bytes of text.</param>
    /// <param name="parameters">Receives P0 to P4.</param>
    /// <returns>The value for CRASH_CTL; 0 when the hypervisor takes no report.</returns>
    public static ulong Compose(ulong capabilities, in CrashParameters numbers, ulong text, int length, out CrashParameters parameters)
    {
        parameters = numbers;
        if ((capabilities & Notify) == 0)
            return 0;
        if ((capabilities & Message) == 0 || text == 0 || length == 0)
            return Notify;
        parameters = default;
        parameters.P3 = text;
        parameters.P4 = (ulong)length;
        return Notify | Message;
    }

    /// <summary>Reports, once. A host may stop the machine right here.</summary>
    public static void Send()
    {
        if (!HyperV.Has(HypervisorUses.Crash) || Interlocked.Exchange(ref s_isSent, 1) != 0)
            return;
        ulong control = Compose(s_capabilities, in s_parameters, s_text, s_length, out CrashParameters parameters);
        if (control == 0)
            return;
        Cpu.TryWriteMsr(HyperVMsr.CrashP0, parameters.P0);
        Cpu.TryWriteMsr(HyperVMsr.CrashP0 + 1, parameters.P1);
        Cpu.TryWriteMsr(HyperVMsr.CrashP0 + 2, parameters.P2);
        Cpu.TryWriteMsr(HyperVMsr.CrashP0 + 3, parameters.P3);
        Cpu.TryWriteMsr(HyperVMsr.CrashP0 + 4, parameters.P4);
        Cpu.TryWriteMsr(HyperVMsr.CrashControl, control);
    }
}

/// <summary>CRASH_P0 to P4.</summary>
internal struct CrashParameters
{
    public ulong P0, P1, P2, P3, P4;
}

/// <summary>Kinds of panic in a <see cref="CrashReport"/>, after the event's names (boot/EVENTS.md).</summary>
internal enum PanicCode
{
    Fault = 1,
    DoubleFault = 2,
    Stack = 3,
    Memory = 4,
    Unhandled = 5,
    FailFast = 6,
    Abort = 7,
    Boot = 8,
}
