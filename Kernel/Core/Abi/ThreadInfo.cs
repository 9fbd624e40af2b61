using System.Runtime.InteropServices;

namespace GuestOS.Kernel.Core;

/// <summary>One thread, as <see cref="KernelCall.ThreadList"/> lists it.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct ThreadInfo
{
    /// <summary>Kernel thread id; 0 and negative numbers are idle threads.</summary>
    public int Id;

    /// <summary>0 ready, 1 running, 2 blocked, 3 dead: the kernel's ThreadState.</summary>
    public uint State;

    /// <summary>0 none, 1 sleep, 2 futex, 3 interrupt, 4 pipe, 5 console, 6 file server, 7 file reply: the kernel's WaitKind.</summary>
    public uint Wait;

    /// <summary>0 normal, 1 interrupt.</summary>
    public uint Priority;

    /// <summary>Processor that runs it, or ran it last.</summary>
    public int Cpu;

    /// <summary>1 for a processor's idle thread.</summary>
    public uint IsIdle;

    /// <summary>Processor time used, nanoseconds.</summary>
    public ulong RunTime;

    /// <summary>Times that it was resumed after another thread.</summary>
    public ulong SwitchCount;

    /// <summary>UTF-8, zero-padded; empty when it has no name.</summary>
    public fixed byte Name[16];
}
