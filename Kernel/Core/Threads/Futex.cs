namespace GuestOS.Kernel.Core;

/// <summary>
/// Fast user-space mutexes: threads wait on the address of a word, in hash buckets, first come first woken. LOCKING: the kernel lock,
/// which makes the comparison and the wait one step.
/// </summary>
internal static unsafe class Futex
{
    private const int Buckets = 128;

    private struct Table
    {
        public fixed ulong Heads[Buckets];
        public fixed ulong Tails[Buckets];
    }

    private static Table s_table;

    /// <summary>Blocks when the word still has the expected value. Returns an immediate result, or 0 after having blocked the thread.</summary>
    public static long Wait(Thread* thread, uint* word, uint expected, ulong deadline, uint bitSet)
    {
        if (bitSet == 0)
            return Errno.EInval;
        if (Volatile.Read(ref *word) != expected)
            return Errno.EAgain;
        if (deadline != 0 && deadline <= Clock.NowNanoseconds())
            return Errno.ETimedOut;
        thread->WaitArgument = bitSet;
        Scheduler.Block(thread, WaitKind.Futex, word, deadline);
        int bucket = Bucket(word);
        fixed (ulong* heads = s_table.Heads)
        fixed (ulong* tails = s_table.Tails)
        {
            thread->Next = null;
            if (heads[bucket] == 0)
                heads[bucket] = (ulong)thread;
            else
                ((Thread*)tails[bucket])->Next = thread;
            tails[bucket] = (ulong)thread;
        }

        return 0;
    }

    /// <summary>Wakes up to <paramref name="count"/> threads; returns how many.</summary>
    public static long Wake(uint* word, int count, uint bitSet)
    {
        int bucket = Bucket(word);
        long woken = 0;
        fixed (ulong* heads = s_table.Heads)
        {
            Thread* thread = (Thread*)heads[bucket];
            while (thread != null && woken < count)
            {
                Thread* next = thread->Next;
                if (thread->WaitObject == word && (thread->WaitArgument & bitSet) != 0)
                {
                    Unlink(thread, bucket);
                    Scheduler.Wake(thread, 0);
                    woken++;
                }

                thread = next;
            }
        }

        return woken;
    }

    /// <summary>Takes a thread whose time is up out of its bucket.</summary>
    public static void Forget(Thread* thread) => Unlink(thread, Bucket(thread->WaitObject));

    private static int Bucket(void* word) => (int)(((ulong)word >> 2) * 0x9E3779B97F4A7C15 >> 57);

    private static void Unlink(Thread* thread, int bucket)
    {
        fixed (ulong* heads = s_table.Heads)
        fixed (ulong* tails = s_table.Tails)
        {
            Thread* previous = null;
            for (Thread* t = (Thread*)heads[bucket]; t != null; previous = t, t = t->Next)
            {
                if (t != thread)
                    continue;
                if (previous == null)
                    heads[bucket] = (ulong)t->Next;
                else
                    previous->Next = t->Next;
                if (t->Next == null)
                    tails[bucket] = (ulong)previous;
                t->Next = null;
                return;
            }
        }
    }
}
