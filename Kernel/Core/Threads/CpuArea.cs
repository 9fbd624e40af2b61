using System.Runtime.InteropServices;

namespace GuestOS.Kernel.Core;

/// <summary>What belongs to one processor; GS points to it. The first fields are known to boot/entry/layout.inc.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct CpuArea
{
    public CpuArea* Self;
    public Thread* Current;
    public ulong KernelStackTop;
    public ulong Scratch;

    /// <summary>1 from entry into the kernel to the resumption of a thread.</summary>
    public byte InKernel;

    /// <summary>1 makes the exit path load the whole FPU state even without a thread switch.</summary>
    public byte FpuReload;

    public int Index;
    public uint ApicId;

    /// <summary>Written by the processor itself when it has reached C# code.</summary>
    public uint Started;

    /// <summary>1 when the first processor has waited too long for it.</summary>
    public int IsRejected;

    /// <summary>1 once it may schedule threads.</summary>
    public int IsOnline;

    /// <summary>Set under the kernel lock when the processor has committed itself to its idle thread.</summary>
    public int IsIdle;

    /// <summary>Set by another processor that changed page tables: flush at the next entry into the kernel, then clear.</summary>
    public int FlushRequested;

    /// <summary>Last times that <see cref="Clock"/> gave here, to the kernel and to threads (boot/entry/clock.asm). An upper bound of all times given is their maximum over all processors.</summary>
    public ulong ClockKernel, ClockUser;

    public Thread* Idle;

    /// <summary>Threads that sleep here, earliest first.</summary>
    public Thread* SleepHead;

    /// <summary>What the local timer is set to, nanoseconds; 0 when it is off.</summary>
    public ulong TimerDeadline;

    public ulong InterruptCount;
    public ulong TimerCount;

    /// <summary>Times that the timer did not fire when it should have.</summary>
    public ulong LostTimers;

    public ulong IdleNanoseconds;
    public ulong IdleSince;

    /// <summary>The scheduler's time where the clock is costly: <see cref="Clock.ForScheduler"/>.</summary>
    public ClockEstimate Estimate;

    /// <summary>What the local timer is.</summary>
    public TickSource Tick;

    /// <summary><see cref="ReferenceClock.Generation"/> when it was last set.</summary>
    public uint TickGeneration;

    /// <summary>This processor's part of Hyper-V's interface.</summary>
    public HyperVProcessor HyperV;

    public fixed ulong Gdt[5];
    public fixed byte TaskState[104];
}
