using GuestOS.Testing;

namespace GuestOS.Kernel.Core.Tests;

/// <summary>The choice of the next thread on one processor; threads that become ready go through the low-level kernel's entry and are not here.</summary>
public sealed unsafe class SchedulerTests : IDisposable
{
    private const int Normal = 0;
    private const int Interrupt = 1;
    private const ulong Slice = Scheduler.SliceNanoseconds;

    private readonly GuardedMemory _memory = new(sizeof(CpuArea) + (8 * sizeof(Thread)));
    private readonly CpuArea* _cpu;
    private int _count;

    public SchedulerTests()
    {
        KernelState.Reset(typeof(Scheduler));
        _cpu = (CpuArea*)_memory.Start;
        *_cpu = default;
        _cpu->Idle = Make(Normal);
        _cpu->Idle->IsIdle = 1;
    }

    public void Dispose()
    {
        KernelState.Reset(typeof(Scheduler));
        _memory.Dispose();
    }

    [Fact]
    public void A_thread_that_yields_alone_goes_on()
    {
        Thread* thread = Run(Make(Normal));
        Scheduler.YieldToAll(thread);
        Assert.True(Scheduler.PickNext(_cpu, thread, 1) == thread);
        Assert.Equal((ThreadState.Running, 0), (thread->State, Scheduler.ReadyCount));
    }

    [Fact]
    public void Threads_that_yield_take_turns()
    {
        Thread* first = Run(Make(Normal));
        Thread* second = Ready(Make(Normal));
        Thread* running = first;
        for (ulong i = 1; i < 10; i++)
        {
            Scheduler.YieldToAll(running);
            running = Scheduler.PickNext(_cpu, running, i);
            Assert.True(running == (i % 2 == 1 ? second : first));
        }
    }

    /// <summary>The runtime makes a thread and yields until that has begun; on the thread of a vector nothing began.</summary>
    [Fact]
    public void An_interrupt_thread_that_yields_lets_a_normal_one_run_and_comes_first_again_after_its_next_wait()
    {
        Thread* made = Ready(Make(Normal));
        Thread* vector = Run(Make(Interrupt));
        Scheduler.YieldToAll(vector);
        Assert.True(Scheduler.PickNext(_cpu, vector, 1) == made);

        // Not before the other's turn is over: nothing has happened that would be its business.
        Assert.True(Scheduler.PickNext(_cpu, made, 2) == made);
        Assert.True(Scheduler.PickNext(_cpu, made, 1 + Slice) == vector);
        Assert.Equal((Interrupt, ThreadState.Running), (vector->Priority, vector->State));

        // At the end of its time it does not give way, as before.
        Assert.True(Scheduler.PickNext(_cpu, vector, 2 + (3 * Slice)) == vector);
    }

    [Fact]
    public void An_interrupt_thread_goes_before_a_normal_one_which_keeps_its_place_at_the_head()
    {
        Thread* interrupted = Run(Make(Normal));
        Thread* other = Ready(Make(Normal));
        Thread* vector = Ready(Make(Interrupt));
        Assert.True(Scheduler.PickNext(_cpu, interrupted, 1) == vector);
        Scheduler.Block(vector, WaitKind.Interrupt, null, 0);
        Assert.True(Scheduler.PickNext(_cpu, vector, 2) == interrupted);
        Assert.True(Scheduler.PickNext(_cpu, interrupted, 3 + Slice) == other);
    }

    private Thread* Make(int priority)
    {
        var thread = (Thread*)(_memory.Start + sizeof(CpuArea)) + _count++;
        *thread = default;
        thread->Id = _count;
        thread->Priority = priority;
        thread->Affinity = ulong.MaxValue;
        return thread;
    }

    private static Thread* Run(Thread* thread)
    {
        thread->State = ThreadState.Running;
        thread->SliceEnd = Slice;
        return thread;
    }

    private static Thread* Ready(Thread* thread)
    {
        Scheduler.Yield(Run(thread));
        return thread;
    }
}
