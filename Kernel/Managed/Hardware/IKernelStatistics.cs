using GuestOS.Kernel.Core;

namespace GuestOS.Kernel.Hardware;

/// <summary>The low-level kernel's figures, for the console.</summary>
internal interface IKernelStatistics
{
    MemoryInfo ReadMemory();

    IReadOnlyList<ThreadDescription> ReadThreads();

    IReadOnlyList<InterruptInfo> ReadInterrupts();

    HypervisorInfo ReadHypervisor();

    /// <param name="looks">Interrupts all processors for their run time, which the next call has.</param>
    IReadOnlyList<ProcessorInfo> ReadProcessors(bool looks);

    ClockInfo ReadClock();
}

/// <summary>One thread: <see cref="ThreadInfo"/> as managed values.</summary>
internal sealed record ThreadDescription(
    int Id, string Name, uint State, uint Wait, uint Priority, int Cpu, bool IsIdle, TimeSpan RunTime, ulong SwitchCount);
