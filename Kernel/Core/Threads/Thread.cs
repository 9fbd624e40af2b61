using System.Runtime.InteropServices;

namespace GuestOS.Kernel.Core;

internal enum ThreadState
{
    Ready,
    Running,
    Blocked,
    Dead,
}

/// <summary>Why a thread is blocked: decides what a wake-up or a time-out writes into its result register.</summary>
internal enum WaitKind
{
    None,
    Sleep,
    Futex,
    Interrupt,
    Pipe,
    Console,
    FileServer,
    FileReply,
}

/// <summary>A thread of the one process: the runtime's threads and one idle thread a processor.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Thread
{
    /// <summary>Must come first; see boot/entry/layout.inc.</summary>
    public TrapFrame Frame;

    /// <summary>Base of FS: the C library's thread pointer.</summary>
    public ulong FsBase;

    /// <summary>XSAVE area, 64-byte aligned.</summary>
    public byte* Fpu;

    public int Id;
    public ThreadState State;
    public WaitKind Wait;

    /// <summary>0 normal, 1 interrupt thread: runs before all normal ones.</summary>
    public int Priority;

    public int IsIdle;

    /// <summary>Processor that runs it, or ran it last.</summary>
    public int Cpu;

    /// <summary>Next in the ready queue, the futex bucket or the list that <see cref="Wait"/> names.</summary>
    public Thread* Next;

    /// <summary>All threads, in order of creation.</summary>
    public Thread* NextOfAll;

    /// <summary>Neighbours in the sleep queue of <see cref="SleepCpu"/>.</summary>
    public Thread* SleepNext;
    public Thread* SleepPrevious;
    public int SleepCpu;
    public int IsSleeping;

    /// <summary>Nanoseconds on <see cref="Clock"/>; meaningful while <see cref="IsSleeping"/>.</summary>
    public ulong Deadline;

    /// <summary>What it waits for: a futex address, a pipe, an interrupt.</summary>
    public void* WaitObject;

    /// <summary>Second word of the wait: the futex bit set, or a buffer's length.</summary>
    public ulong WaitArgument;

    /// <summary>FUTEX word to clear and wake when the thread ends.</summary>
    public int* ClearChildTid;

    /// <summary>Bit n-1 is signal n.</summary>
    public ulong SignalPending;
    public ulong SignalMask;

    /// <summary>Fault address of a pending SIGSEGV.</summary>
    public ulong SignalAddress;
    public int SignalCode;

    /// <summary>End of the time slice and start of the present run, nanoseconds.</summary>
    public ulong SliceEnd;
    public ulong RunStart;

    /// <summary>Processor time used, nanoseconds.</summary>
    public ulong RunTime;

    public ulong SwitchCount;

    /// <summary>Bit n: may run on processor n. 64 processors at most.</summary>
    public ulong Affinity;

    /// <summary>
    /// What a thread that it starts gets: as sched_setaffinity has left it. A binding by <see cref="KernelCall.ThreadAffinity"/> is the thread's alone,
    /// else whatever the runtime starts on the thread of a vector would be bound with it.
    /// </summary>
    public ulong InheritedAffinity;

    /// <summary>A file request that this thread has with the file server.</summary>
    public FileRequest File;

    /// <summary>The open file that the request is about, and whether it moves the file's position.</summary>
    public OpenFile* FileTarget;
    public int FileIsSequential;

    /// <summary>Name by PR_SET_NAME, zero-terminated.</summary>
    public fixed byte Name[16];
}
