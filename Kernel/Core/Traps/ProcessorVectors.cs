namespace GuestOS.Kernel.Core;

/// <summary>
/// Interrupt vectors that mean the same on every processor: the hypervisor raises them on the processor that it means. On each a thread
/// that is bound to it waits, so whoever is interrupted and whoever handles it are on the same processor. LOCKING: the kernel lock.
/// </summary>
internal static unsafe class ProcessorVectors
{
    public const int Capacity = 8;

    /// <summary>One vector on one processor.</summary>
    private struct Port
    {
        /// <summary>Came since the last wait, and in all.</summary>
        public ulong Pending, Count;
        public Thread* Waiter;
    }

    private struct Slot
    {
        /// <summary>One for each processor, in a page of their own; null when the slot is free.</summary>
        public Port* Ports;
        public byte Vector;
        public byte EndsItself;
    }

    private struct Table
    {
        public fixed byte Slots[Capacity * 16];
    }

    private static Table s_table;

    /// <summary>Opens a vector, or gives a negative error: no local APICs, no vector or no memory left.</summary>
    /// <param name="endsItself">The source has ended the interrupt in the APIC when it comes in (AutoEOI).</param>
    public static long Open(bool endsItself)
    {
        if (!LocalApic.Present)
            return Errno.ENoSys;
        int handle = 1;
        while (handle <= Capacity && At(handle)->Ports != null)
            handle++;
        if (handle > Capacity)
            return Errno.EMFile;
        Port* ports = (Port*)PhysicalMemory.AllocatePage();
        if (ports == null)
            return Errno.ENoMem;
        byte vector = Interrupts.TakeVector(Interrupts.Capacity + handle);
        if (vector == 0)
        {
            PhysicalMemory.FreePage((ulong)ports);
            return Errno.EMFile;
        }

        Slot* slot = At(handle);
        slot->Ports = ports;
        slot->Vector = vector;
        slot->EndsItself = endsItself ? (byte)1 : (byte)0;
        return vector;
    }

    /// <summary>Takes what has come on this processor, or blocks the thread until something does.</summary>
    public static long Wait(Thread* thread, ulong vector)
    {
        Slot* slot = Find(vector);
        if (slot == null)
            return Errno.EBadF;
        int cpu = Cpu.Self()->Index;
        // A thread that may be moved would wait for the wrong processor's interrupts.
        if (thread->Affinity != 1UL << cpu)
            return Errno.EInval;
        Port* port = slot->Ports + cpu;
        if (port->Waiter != null)
            return Errno.EBusy;
        if (port->Pending != 0)
            return TakePending(port);
        port->Waiter = thread;
        Scheduler.Block(thread, WaitKind.Interrupt, port, 0);
        return 0;
    }

    public static long Close(ulong vector)
    {
        Slot* slot = Find(vector);
        if (slot == null)
            return Errno.EBadF;
        Interrupts.FreeVector(slot->Vector);
        for (int i = 0; i < Smp.OnlineCount; i++)
        {
            Thread* waiter = slot->Ports[i].Waiter;
            if (waiter != null)
                Scheduler.Wake(waiter, Errno.ECanceled);
        }

        PhysicalMemory.FreePage((ulong)slot->Ports);
        *slot = default;
        return 0;
    }

    /// <summary>The vector of a handle has come in on this processor.</summary>
    public static void Deliver(int handle)
    {
        Slot* slot = At(handle);
        if (slot->EndsItself == 0)
            LocalApic.EndOfInterrupt();
        Port* port = slot->Ports + Cpu.Self()->Index;
        port->Count++;
        port->Pending++;
        Thread* waiter = port->Waiter;
        if (waiter == null)
            return;
        port->Waiter = null;
        Scheduler.Wake(waiter, TakePending(port));
    }

    public static int List(InterruptInfo* destination, int capacity)
    {
        int count = 0;
        for (int handle = 1; handle <= Capacity; handle++)
        {
            Slot* slot = At(handle);
            for (int i = 0; slot->Ports != null && i < Smp.OnlineCount && count < capacity; i++)
            {
                InterruptInfo* info = destination + count++;
                *info = default;
                info->Kind = InterruptKind.Processor;
                info->Number = slot->Vector;
                info->Vector = slot->Vector;
                info->Cpu = (uint)i;
                info->Count = slot->Ports[i].Count;
            }
        }

        return count;
    }

    private static Slot* At(int handle)
    {
        fixed (byte* slots = s_table.Slots)
            return (Slot*)slots + (handle - 1);
    }

    private static Slot* Find(ulong vector)
    {
        for (int handle = 1; handle <= Capacity; handle++)
        {
            if (At(handle)->Ports != null && At(handle)->Vector == vector)
                return At(handle);
        }

        return null;
    }

    private static long TakePending(Port* port)
    {
        long count = (long)port->Pending;
        port->Pending = 0;
        return count;
    }
}
