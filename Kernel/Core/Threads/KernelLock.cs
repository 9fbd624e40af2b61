namespace GuestOS.Kernel.Core;

/// <summary>
/// The one lock of the low-level kernel. It is taken on entry (system call, interrupt, fault) and released on exit; interrupts are off
/// in between, and no code below it blocks. A waiter answers flush requests, since the holder may be waiting for just that; it stops when
/// the machine stops, since the holder may have come to its end; and it tells a hypervisor that wants to know when it waits for long.
/// </summary>
internal static unsafe class KernelLock
{
    private static int s_held;

    /// <summary>Entries that found the lock taken.</summary>
    public static ulong Contentions;

    /// <summary>Tries after which the hypervisor is told, each time; 0 for never.</summary>
    public static uint SpinsBeforeNotice;

    public static void Acquire()
    {
        CpuArea* self = Cpu.Self();
        if (Interlocked.Exchange(ref s_held, 1) != 0)
        {
            uint spins = 0;
            do
            {
                while (Volatile.Read(ref s_held) != 0)
                {
                    Tlb.Poll(self);
                    if (Panic.IsStopping)
                        Panic.StopThisProcessor();
                    Cpu.Pause();
                    if (IsNoticeDue(++spins, SpinsBeforeNotice))
                        NotifyLongSpin(self, spins);
                }
            }
            while (Interlocked.Exchange(ref s_held, 1) != 0);
            Contentions++;
        }

        // Once more under the lock: an idle processor is not waited for, so its request may have come a moment ago.
        Tlb.Poll(self);
    }

    /// <summary>Whether this is a spin at which the hypervisor is told. Pure.</summary>
    /// <param name="spins">Spins so far.</param>
    /// <param name="limit">See <see cref="SpinsBeforeNotice"/>.</param>
    public static bool IsNoticeDue(uint spins, uint limit) => limit != 0 && spins % limit == 0;

    private static void NotifyLongSpin(CpuArea* self, uint spins)
    {
        self->HyperV.LongSpins++;
        HypercallPage.CallFast(HypercallPage.NotifyLongSpin, spins, 0);
    }

    public static void Release() => Volatile.Write(ref s_held, 0);

    /// <summary>For a panic: whoever holds it will not go on.</summary>
    public static void Break() => Volatile.Write(ref s_held, 1);
}
