namespace GuestOS.Kernel.Core;

/// <summary>
/// The kernel's own calls, made with the SYSCALL instruction like the runtime's Linux calls (numbers from 0x1000 up).
/// Register convention of Linux x86-64: number in RAX, arguments in RDI, RSI, RDX, R10, R8, R9; the result in RAX, negative errno on failure.
/// </summary>
public enum KernelCall : ulong
{
    /// <summary>(MachineInfo* destination, length) → 0. Fills <see cref="MachineInfo"/>.</summary>
    MachineInfo = 0x1000,

    /// <summary>(LogLevel, utf8*, length) → 0. One line for the log, COM1 and the screen.</summary>
    LogWrite = 0x1001,

    /// <summary>(sequence, utf8* destination, length) → bytes copied. Reads the log ring from a byte position on; the low bound is in MachineInfo.</summary>
    LogRead = 0x1002,

    /// <summary>(utf8*, length) → 0. Members of one event-log object, without braces: <c>"event":"device","bus":"pci"</c>. The kernel adds the time.</summary>
    EventWrite = 0x1003,

    /// <summary>(utf8*, length) → 0. Raw bytes to the console: COM1 and the screen, not the log.</summary>
    ConsoleWrite = 0x1004,

    /// <summary>(bytes*, length) → count. Raw bytes from the console (COM1 or keyboard); blocks until there is at least one.</summary>
    ConsoleRead = 0x1005,

    /// <summary>(length, highestAddress, alignment, boundary) → guest-physical address (also valid as pointer), or -ENOMEM. Zeroed, contiguous.</summary>
    DmaAllocate = 0x1010,

    /// <summary>(address, length) → 0.</summary>
    DmaFree = 0x1011,

    /// <summary>(virtual address, length, Segment* out, capacity) → number of segments, or -E2BIG. Makes the pages present; the caller has pinned them.</summary>
    DmaTranslate = 0x1012,

    /// <summary>(guest-physical address, length) → virtual address of an uncached mapping.</summary>
    MapDevice = 0x1013,

    /// <summary>(isaIrq or GSI, flags: bit 0 level, bit 1 active low, bit 2 number is an ISA IRQ) → interrupt handle. Masked until the first wait.</summary>
    InterruptOpen = 0x1020,

    /// <summary>() → interrupt handle of a fresh message-signalled vector; MSI address and data by <see cref="InterruptMessage"/>.</summary>
    InterruptOpenMessage = 0x1021,

    /// <summary>(handle, ulong* address, uint* data) → 0.</summary>
    InterruptMessage = 0x1022,

    /// <summary>(handle) → number of interrupts since the last wait (at least 1), or -ECANCELED after close. Unmasks a level-triggered line, then blocks.</summary>
    InterruptWait = 0x1023,

    /// <summary>(handle) → 0. Masks and frees; a waiter gets -ECANCELED.</summary>
    InterruptClose = 0x1024,

    /// <summary>(InterruptInfo* array, capacity) → count.</summary>
    InterruptList = 0x1025,

    /// <summary>(ThreadInfo* array, capacity) → count.</summary>
    ThreadList = 0x1030,

    /// <summary>(priority: 0 normal, 1 interrupt) → 0, for the calling thread.</summary>
    ThreadPriority = 0x1031,

    /// <summary>(MemoryInfo* destination, length) → 0.</summary>
    MemoryInfo = 0x1040,

    /// <summary>
    /// (pages, pages to leave free, <see cref="Segment"/>* out, capacity) → number of ranges. Takes free pages out of use for the host, the
    /// longest runs first, 1 GiB a call at most; 0 when there are none to take.
    /// </summary>
    MemoryTake = 0x1041,

    /// <summary>
    /// (<see cref="Segment"/>*, count) → number of ranges put into use again, from the first on, 1 GiB a call at most; -EINVAL when the first
    /// is longer than that or any of its pages was not taken.
    /// </summary>
    MemoryGive = 0x1042,

    /// <summary>
    /// (address, length) → 0. Adds memory that was not there before, 1 GiB a call at most; -EINVAL when an end is no multiple of 2 MiB, -ERANGE
    /// beyond what can be mapped, -EEXIST where something is already, -ENOSPC after too many separate ranges, -ENOMEM without a page for a table.
    /// </summary>
    MemoryAdd = 0x1043,

    /// <summary>(<see cref="PowerKind"/>, <see cref="PowerReason"/>, status byte) → does not return. Writes the <c>poweroff</c> event; the status is for the debug exit port.</summary>
    PowerOff = 0x1050,

    /// <summary>(<see cref="FaultKind"/>) → does not return. Provokes a fault inside the kernel, for the self-tests.</summary>
    ProvokeFault = 0x1051,

    /// <summary>(FileRequest* destination) → 0. For the file server thread: blocks until a thread opens, reads, ... a file that the core does not serve itself.</summary>
    FileServe = 0x1060,

    /// <summary>(request id, result, position) → 0. Ends a request taken by <see cref="FileServe"/>; result as of the Linux call; position only after ReadDirectory.</summary>
    FileReply = 0x1061,

    /// <summary>(register, ulong* value) → 0, or -EIO when this processor has no such model-specific register.</summary>
    MsrRead = 0x1070,

    /// <summary>(register, value) → 0, or -EIO when this processor has no such model-specific register or refuses the value.</summary>
    MsrWrite = 0x1071,

    /// <summary>(mask of processors, ulong* previous) → 0, or -EINVAL when none of them runs. The calling thread goes on on one of them.</summary>
    ThreadAffinity = 0x1072,

    /// <summary>(flags: bit 0 the source ends the interrupt by itself) → a free interrupt vector, the same on all processors.</summary>
    VectorOpen = 0x1073,

    /// <summary>(vector) → number of interrupts on this processor since the last wait (at least 1), or -ECANCELED after close. The caller's affinity must be this processor alone.</summary>
    VectorWait = 0x1074,

    /// <summary>(vector) → 0. Frees it on all processors; waiters get -ECANCELED.</summary>
    VectorClose = 0x1075,

    /// <summary>(page address, 1 or 0) → what it was before. 1: a page of memory is executable and not writable; 0: ordinary memory.</summary>
    PageExecutable = 0x1076,

    /// <summary>(HypervisorInfo* destination, length) → 0. Fills <see cref="Core.HypervisorInfo"/>.</summary>
    HypervisorInfo = 0x1080,

    /// <summary>(ProcessorInfo* array, capacity, 1 to look at the run times for the next call) → count. Fills <see cref="ProcessorInfo"/> for every processor that runs threads.</summary>
    ProcessorList = 0x1081,

    /// <summary>(ClockInfo* destination, length) → 0. Fills <see cref="Core.ClockInfo"/>.</summary>
    ClockInfo = 0x1082,

    /// <summary>(nanoseconds, signed) → 0. Moves the time of day, and nothing else.</summary>
    WallClockMove = 0x1088,
}
