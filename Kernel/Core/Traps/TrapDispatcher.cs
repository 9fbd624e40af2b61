using System.Runtime;

namespace GuestOS.Kernel.Core;

/// <summary>Where every system call, interrupt and fault of a thread arrives (boot/entry/traps.asm).</summary>
internal static unsafe class TrapDispatcher
{
    private const ulong FaultWrite = 2;
    private const ulong FaultFetch = 16;

    /// <summary>A stack pointer and a fault this near to the lower end of a stack mean an overflow.</summary>
    private const ulong StackGuardReach = 64 << 10;

    /// <summary>Handles what came in and returns the thread to resume on this processor.</summary>
    [RuntimeExport("kernel_trap")]
    public static Thread* Dispatch(Thread* thread)
    {
        CpuArea* cpu = Cpu.Self();
        ulong vector = thread->Frame.Vector;
        if (vector == TrapFrame.SyscallVector && TimeCalls.TryGetTimeWithoutLock(&thread->Frame))
            return thread;
        ulong faultAddress = vector == Vectors.PageFault ? Cpu.ReadCr2() : 0;
        KernelLock.Acquire();
        if (vector == TrapFrame.SyscallVector)
            SystemCalls.Dispatch(thread);
        else if (vector < Vectors.Exceptions)
            Exception(thread, vector, faultAddress);
        else
            Interrupt(cpu, (int)vector);
        Thread* next = Leave(cpu, thread, vector);
        KernelLock.Release();
        return next;
    }

    private static Thread* Leave(CpuArea* cpu, Thread* thread, ulong vector)
    {
        bool isExact = vector == Vectors.Timer || thread->IsIdle != 0;
        ulong now = Clock.ForScheduler(cpu, isExact);
        if (SleepQueue.IsDue(cpu, now))
        {
            if (!isExact)
                now = Clock.ForScheduler(cpu, isExact: true);
            SleepQueue.WakeExpired(cpu, now);
        }

        Thread* next = Scheduler.PickNext(cpu, thread, now);
        if (next != thread)
        {
            if (thread->State == ThreadState.Dead)
                ThreadTable.Recycle(thread);
            else if (thread->IsIdle == 0)
                FpuState.Save(cpu, thread);
        }

        if ((next->SignalPending & ~next->SignalMask) != 0)
            Signals.Deliver(cpu, next, isLive: next == thread);
        TickTimer.Arm(cpu, Scheduler.NextEvent(cpu, next), now);
        return next;
    }

    private static void Interrupt(CpuArea* cpu, int vector)
    {
        if (cpu->Current->Frame.IsForbiddenInterrupt)
        {
            Panic.ForbiddenInterrupt(&cpu->Current->Frame);
            return;
        }

        cpu->InterruptCount++;
        switch (vector)
        {
            case Vectors.Timer:
                TickTimer.Expire(cpu);
                break;
            case Vectors.Reschedule:
                HyperV.SampleRuntime(cpu);
                LocalApic.EndOfInterrupt();
                break;
            case Vectors.Stop:
                Panic.StopThisProcessor();
                break;
            case Vectors.Error:
                Interrupts.ApicErrors |= LocalApic.ErrorStatus();
                LocalApic.EndOfInterrupt();
                break;
            case Vectors.Spurious:
                Interrupts.SpuriousCount++;
                break;
            default:
                if (!TickTimer.Handles(cpu, vector))
                    Interrupts.Deliver(vector);
                break;
        }
    }

    private static void Exception(Thread* thread, ulong vector, ulong faultAddress)
    {
        switch (vector)
        {
            case Vectors.PageFault:
                PageFault(thread, faultAddress);
                break;
            case Vectors.DivideError:
                Signals.Fault(thread, Signals.SigFpe, Signals.FpeIntDiv, thread->Frame.Rip);
                break;
            case Vectors.FloatingPoint or Vectors.SimdException:
                Signals.Fault(thread, Signals.SigFpe, 0, thread->Frame.Rip);
                break;
            case Vectors.InvalidOpcode:
                Signals.Fault(thread, Signals.SigIll, 0, thread->Frame.Rip);
                break;
            case Vectors.Breakpoint:
                Signals.Fault(thread, Signals.SigTrap, 0, thread->Frame.Rip);
                break;
            case Vectors.GeneralProtection:
                // Non-canonical addresses end here, without an address; Linux reports 0 too.
                Signals.Fault(thread, Signals.SigSegv, Signals.SegvKernel, 0);
                break;
            default:
                Panic.Exception(&thread->Frame, 0);
                break;
        }
    }

    private static void PageFault(Thread* thread, ulong address)
    {
        ulong error = thread->Frame.Error;
        switch (DemandPaging.Resolve(address, (error & FaultWrite) != 0, (error & FaultFetch) != 0))
        {
            case FaultResult.Resolved:
                return;
            case FaultResult.OutOfMemory:
                Panic.OutOfMemory(&thread->Frame, address);
                return;
        }

        // The runtime never asks for an alternate signal stack, so an overflow of a thread's stack cannot be handled by a signal.
        if (IsStackOverflow(thread->Frame.Rsp, address))
        {
            Panic.StackOverflow(thread, address);
            return;
        }

        Signals.Fault(thread, Signals.SigSegv, AddressSpace.Find(address) == null ? Signals.SegvMapError : Signals.SegvAccessError, address);
    }

    /// <summary>
    /// Whether an address lies just below a mapping near whose start the stack pointer is: a guard page was hit, by a push or by the
    /// compiler's probe of a large frame.
    /// </summary>
    private static bool IsStackOverflow(ulong stack, ulong address)
    {
        Mapping* mapping = AddressSpace.Find(stack);
        if (mapping == null || mapping->Protection == 0)
            mapping = AddressSpace.Find(stack + StackGuardReach);
        return mapping != null && mapping->Protection != 0
            && address < mapping->Start && mapping->Start - address <= StackGuardReach
            && (stack < mapping->Start || stack - mapping->Start <= StackGuardReach);
    }

    /// <summary>A fault while the kernel itself runs, an NMI, a double fault or a machine check: always the end.</summary>
    [RuntimeExport("kernel_fault_inside")]
    public static void FaultInside(TrapFrame* frame)
    {
        if (frame->Vector == Vectors.Nmi && Panic.InProgress)
            Panic.StopThisProcessor();
        KernelLock.Break();
        if (frame->IsForbiddenInterrupt)
            Panic.ForbiddenInterrupt(frame);
        Panic.Exception(frame, frame->Vector == Vectors.PageFault ? Cpu.ReadCr2() : 0);
    }
}
