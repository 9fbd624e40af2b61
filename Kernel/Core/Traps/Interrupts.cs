namespace GuestOS.Kernel.Core;

/// <summary>
/// Interrupts of devices: managed threads open one, wait for it and close it. A level-triggered line is masked when it fires and
/// unmasked by the next wait, so its handlers run with the line silent. LOCKING: the kernel lock.
/// </summary>
internal static unsafe class Interrupts
{
    public const int Capacity = 96;

    private struct Source
    {
        public InterruptKind Kind;

        /// <summary>ISA interrupt or GSI.</summary>
        public uint Number;
        public uint Gsi;
        public byte Vector;
        public byte IsOpen, IsLevel, IsLow, IsMasked;
        public uint Cpu;

        /// <summary>Came since the last wait, and in all.</summary>
        public ulong Pending, Count;
        public Thread* Waiter;
    }

    private struct Table
    {
        public fixed byte Sources[Capacity * 56];
        public fixed byte HandleOfVector[256];
    }

    private static Table s_table;
    private static int s_nextVector;

    public static bool UsesPic;
    public static ulong SpuriousCount;
    public static ulong UnknownCount;

    /// <summary>Bits that the local APICs reported (Intel SDM 3A, 11.5.3).</summary>
    public static uint ApicErrors;

    private static Source* At(int handle)
    {
        fixed (byte* sources = s_table.Sources)
            return (Source*)sources + (handle - 1);
    }

    /// <summary>Finds the interrupt controllers and silences them.</summary>
    public static void Initialize()
    {
        s_nextVector = Vectors.DeviceFirst;
        Pic8259.Init(Vectors.Pic);
        LocalApic.Detect(Hypervisor.Present);
        if (LocalApic.Present && !LocalApic.X2Apic)
            LocalApic.Address = PageTables.MapDevice(LocalApic.Address, LocalApic.RegisterBytes);
        for (int i = 0; i < AcpiTables.IoApicCount; i++)
            AcpiTables.IoApics.Address[i] = PageTables.MapDevice(AcpiTables.IoApics.Address[i], IoApic.RegisterBytes);
        if (LocalApic.Present)
            IoApic.Init();
        UsesPic = IoApic.Count == 0;
        EnableOnThisProcessor();
        if (UsesPic && LocalApic.Present)
            LocalApic.EnableExternalInterrupts();
    }

    public static void EnableOnThisProcessor()
    {
        if (!LocalApic.Present)
            return;
        LocalApic.Enable(Vectors.Spurious, Vectors.Error);
    }

    /// <summary>Opens a line. Returns a handle, or a negative error: no such line, in use, or no vector left.</summary>
    public static long Open(uint number, InterruptFlags flags)
    {
        uint gsi = number;
        bool level = (flags & InterruptFlags.Level) != 0;
        bool low = (flags & InterruptFlags.ActiveLow) != 0;
        if ((flags & InterruptFlags.Isa) != 0)
        {
            if (number > 15)
                return Errno.EInval;
            InterruptRouting.ForIsa((int)number, Pic8259.LevelTriggered, out gsi, out level, out low);
        }
        else if (gsi < 16 && InterruptRouting.TryGetIsa(gsi, out int irq) && !UsesPic)
        {
            // A PCI line that firmware routed to an ISA interrupt: the router feeds the I/O APIC's input active high in QEMU and
            // active low on PIIX4; the override, where there is one, knows.
            InterruptRouting.ForIsa(irq, Pic8259.LevelTriggered, out gsi, out bool routedLevel, out bool routedLow);
            level |= routedLevel;
            low = routedLow;
        }

        if (UsesPic ? gsi > 15 : !IoApic.Serves(gsi))
            return Errno.EInval;
        for (int handle = 1; handle <= Capacity; handle++)
        {
            if (At(handle)->IsOpen != 0 && At(handle)->Kind != InterruptKind.Message && At(handle)->Gsi == gsi)
                return Errno.EBusy;
        }

        long opened = Allocate((flags & InterruptFlags.Isa) != 0 ? InterruptKind.Isa : InterruptKind.Line, number, gsi);
        if (opened < 0)
            return opened;
        Source* source = At((int)opened);
        source->IsLevel = level ? (byte)1 : (byte)0;
        source->IsLow = low ? (byte)1 : (byte)0;
        source->IsMasked = 1;
        if (UsesPic)
        {
            Pic8259.Mask((int)gsi);
        }
        else if (!IoApic.Route(gsi, source->Vector, Smp.Area(0)->ApicId, level, low, masked: true))
        {
            source->IsOpen = 0;
            return Errno.EInval;
        }

        return opened;
    }

    /// <summary>Opens a message-signalled vector.</summary>
    public static long OpenMessage() =>
        !LocalApic.Present || !AcpiTables.AllowsMsi ? Errno.ENoSys : Allocate(InterruptKind.Message, 0, uint.MaxValue);

    /// <summary>
    /// Takes a free vector for a handle: 1 to <see cref="Capacity"/> is one of this class, what is above belongs to
    /// <see cref="ProcessorVectors"/>. 0 when there is none.
    /// </summary>
    public static byte TakeVector(int handle)
    {
        fixed (byte* handles = s_table.HandleOfVector)
        {
            int tries = Vectors.DeviceLast - Vectors.DeviceFirst + 1;
            while (handles[s_nextVector] != 0 && tries-- > 0)
                AdvanceVector();
            if (handles[s_nextVector] != 0)
                return 0;
            byte vector = (byte)s_nextVector;
            handles[vector] = (byte)handle;
            AdvanceVector();
            return vector;
        }
    }

    /// <summary>Gives a vector back.</summary>
    public static void FreeVector(byte vector)
    {
        fixed (byte* handles = s_table.HandleOfVector)
            handles[vector] = 0;
    }

    /// <summary>What a device must write, and where, for a message to arrive (Intel SDM 3A, 11.11).</summary>
    public static bool Message(int handle, out ulong address, out uint data)
    {
        address = 0;
        data = 0;
        if (!IsOpen(handle) || At(handle)->Kind != InterruptKind.Message)
            return false;
        address = 0xFEE0_0000UL | ((ulong)(Smp.Area((int)At(handle)->Cpu)->ApicId & 0xFF) << 12);
        data = At(handle)->Vector;
        return true;
    }

    /// <summary>Takes what has come, or blocks the thread until something does.</summary>
    public static long Wait(Thread* thread, int handle)
    {
        if (!IsOpen(handle))
            return Errno.EBadF;
        Source* source = At(handle);
        if (source->Waiter != null)
            return Errno.EBusy;
        if (source->Pending == 0 && source->IsMasked != 0)
            SetMasked(source, masked: false);
        if (source->Pending != 0)
        {
            long count = (long)source->Pending;
            source->Pending = 0;
            return count;
        }

        source->Waiter = thread;
        Scheduler.Block(thread, WaitKind.Interrupt, source, 0);
        return 0;
    }

    /// <summary>Lets an opened line through without a waiter: for the kernel's own console.</summary>
    public static void Unmask(int handle) => SetMasked(At(handle), masked: false);

    public static long Close(int handle)
    {
        if (!IsOpen(handle))
            return Errno.EBadF;
        Source* source = At(handle);
        SetMasked(source, masked: true);
        source->IsOpen = 0;
        FreeVector(source->Vector);
        if (source->Waiter != null)
        {
            Thread* waiter = source->Waiter;
            source->Waiter = null;
            Scheduler.Wake(waiter, Errno.ECanceled);
        }

        return 0;
    }

    /// <summary>An interrupt of the device range has come.</summary>
    public static void Deliver(int vector)
    {
        int handle;
        if (UsesPic && vector is >= Vectors.Pic and < Vectors.Pic + 16)
        {
            DeliverPic(vector - Vectors.Pic);
            return;
        }

        fixed (byte* handles = s_table.HandleOfVector)
            handle = handles[vector];
        if (handle == 0)
        {
            UnknownCount++;
            LocalApic.EndOfInterrupt();
            return;
        }

        if (handle > Capacity)
        {
            ProcessorVectors.Deliver(handle - Capacity);
            return;
        }

        Source* source = At(handle);
        // Masked before the end of interrupt: the line is still asserted and would fire again at once.
        if (source->IsLevel != 0)
            SetMasked(source, masked: true);
        LocalApic.EndOfInterrupt();
        Signal(source);
    }

    public static int List(InterruptInfo* destination, int capacity)
    {
        int count = 0;
        for (int handle = 1; handle <= Capacity && count < capacity; handle++)
        {
            Source* source = At(handle);
            if (source->IsOpen == 0)
                continue;
            InterruptInfo* info = destination + count++;
            info->Handle = (uint)handle;
            info->Kind = source->Kind;
            info->Number = source->Kind == InterruptKind.Message ? source->Vector : source->Number;
            info->Vector = source->Vector;
            info->Flags = (source->IsLevel != 0 ? InterruptFlags.Level : 0) | (source->IsLow != 0 ? InterruptFlags.ActiveLow : 0)
                | (source->Kind == InterruptKind.Isa ? InterruptFlags.Isa : 0) | (source->IsMasked != 0 ? InterruptFlags.Masked : 0);
            info->Cpu = source->Cpu;
            info->Count = source->Count;
        }

        count += ProcessorVectors.List(destination + count, capacity - count);
        for (int i = 0; i < Smp.OnlineCount && count < capacity; i++)
        {
            InterruptInfo* info = destination + count++;
            *info = default;
            info->Kind = InterruptKind.Kernel;
            info->Number = Vectors.Timer;
            info->Vector = Vectors.Timer;
            info->Cpu = (uint)i;
            info->Count = Smp.Area(i)->TimerCount;
        }

        return count;
    }

    private static void DeliverPic(int irq)
    {
        if (Pic8259.IsSpurious(irq))
        {
            SpuriousCount++;
            return;
        }

        for (int handle = 1; handle <= Capacity; handle++)
        {
            Source* source = At(handle);
            if (source->IsOpen == 0 || source->Gsi != (uint)irq)
                continue;
            if (source->IsLevel != 0)
                SetMasked(source, masked: true);
            Pic8259.EndOfInterrupt(irq);
            Signal(source);
            return;
        }

        UnknownCount++;
        Pic8259.EndOfInterrupt(irq);
    }

    private static void Signal(Source* source)
    {
        source->Count++;
        if (ConsoleInput.InterruptHandle != 0 && source == At(ConsoleInput.InterruptHandle))
        {
            ConsoleInput.Receive();
            return;
        }

        if (KeyboardInput.InterruptHandle != 0 && source == At(KeyboardInput.InterruptHandle))
        {
            KeyboardInput.Receive();
            return;
        }

        source->Pending++;
        if (source->Waiter == null)
            return;
        Thread* waiter = source->Waiter;
        long count = (long)source->Pending;
        source->Waiter = null;
        source->Pending = 0;
        Scheduler.Wake(waiter, count);
    }

    private static void SetMasked(Source* source, bool masked)
    {
        if (source->Kind == InterruptKind.Message)
            return;
        source->IsMasked = masked ? (byte)1 : (byte)0;
        if (UsesPic)
        {
            if (masked)
                Pic8259.Mask((int)source->Gsi);
            else
                Pic8259.Unmask((int)source->Gsi);
        }
        else if (masked)
        {
            IoApic.Mask(source->Gsi);
        }
        else
        {
            IoApic.Unmask(source->Gsi);
        }
    }

    private static bool IsOpen(int handle) => handle is >= 1 and <= Capacity && At(handle)->IsOpen != 0;

    private static long Allocate(InterruptKind kind, uint number, uint gsi)
    {
        int handle = 1;
        while (handle <= Capacity && At(handle)->IsOpen != 0)
            handle++;
        if (handle > Capacity)
            return Errno.EMFile;
        byte vector = TakeVector(handle);
        if (vector == 0)
            return Errno.EMFile;
        Source* source = At(handle);
        *source = default;
        source->Kind = kind;
        source->Number = number;
        source->Gsi = gsi;
        source->Vector = vector;
        source->IsOpen = 1;
        return handle;
    }

    private static void AdvanceVector()
    {
        s_nextVector++;
        if (s_nextVector > Vectors.DeviceLast)
            s_nextVector = Vectors.DeviceFirst;
    }
}
