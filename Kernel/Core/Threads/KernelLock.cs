namespace GuestOS.Kernel.Core;

/// <summary>
/// The one lock of the low-level kernel. It is taken on entry (system call, interrupt, fault) and released on exit; interrupts are off
/// in between, and no code below it blocks. A waiter answers flush requests, since the holder may be waiting for just that.
/// </summary>
internal static unsafe class KernelLock
{
    private static int s_held;

    /// <summary>Entries that found the lock taken.</summary>
    public static ulong Contentions;

    public static void Acquire()
    {
        CpuArea* self = Cpu.Self();
        if (Interlocked.Exchange(ref s_held, 1) != 0)
        {
            do
            {
                while (Volatile.Read(ref s_held) != 0)
                {
                    Tlb.Poll(self);
                    Cpu.Pause();
                }
            }
            while (Interlocked.Exchange(ref s_held, 1) != 0);
            Contentions++;
        }

        // Once more under the lock: an idle processor is not waited for, so its request may have come a moment ago.
        Tlb.Poll(self);
    }

    public static void Release() => Volatile.Write(ref s_held, 0);

    /// <summary>For a panic: whoever holds it will not go on.</summary>
    public static void Break() => Volatile.Write(ref s_held, 1);
}
