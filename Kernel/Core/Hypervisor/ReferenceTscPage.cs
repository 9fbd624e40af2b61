namespace GuestOS.Kernel.Core;

/// <summary>
/// Hyper-V's partition reference time (TLFS 6.0, 12.7): 100 ns units since the partition was made, by register, or without leaving the
/// guest from the time-stamp counter by scale and offset of a page that the hypervisor keeps and may change at any time.
/// </summary>
internal static unsafe class ReferenceTscPage
{
    /// <summary>Counts in a second.</summary>
    public const ulong Frequency = 10_000_000;

    /// <summary>Tries to read the page while the hypervisor changes it; then the register is read.</summary>
    public const int Tries = 8;

    private const uint Invalid = 0;
    private const int SequenceOffset = 0;
    private const int ScaleOffset = 8;
    private const int OffsetOffset = 16;

    /// <summary>True when the counter's register can be read.</summary>
    public static bool Present;

    /// <summary>Guest-physical address of the page; 0: the register alone serves.</summary>
    public static ulong PageAddress;

    /// <summary>Takes counter and page into use.</summary>
    public static void Init()
    {
        ulong value;
        Present = HyperV.Has(HypervisorUses.ReferenceCounter) && Cpu.TryReadMsr(HyperVMsr.ReferenceCounter, &value) != 0;
        PageAddress = 0;
        if (!Present)
        {
            HyperV.Drop(HyperV.Uses & HypervisorUses.ReferenceCounter);
            return;
        }

        if (!HyperV.Has(HypervisorUses.ReferenceTscPage))
            return;
        ulong page = PhysicalMemory.AllocatePage();
        if (page != 0 && SynIc.EnablePage(HyperVMsr.ReferenceTsc, page))
            PageAddress = page;
        else
            HyperV.Drop(HypervisorUses.ReferenceTscPage);
    }

    /// <summary>Gives the page back to the hypervisor; the memory stays as it is, for a reader that is under way.</summary>
    public static void Disable()
    {
        if (PageAddress != 0)
            SynIc.DisablePage(HyperVMsr.ReferenceTsc);
    }

    /// <summary>The counter by register.</summary>
    public static ulong ReadCounter() => Cpu.ReadMsr(HyperVMsr.ReferenceCounter);

    /// <summary>Low 32 bits of the counter by register, for calibration.</summary>
    public static uint ReadLow() => (uint)ReadCounter();

    /// <summary>
    /// Reads the page by the rule of its sequence number: the same before and after, and not 0. False when it is not valid just now, or
    /// changes all the time. Pure but for its arguments.
    /// </summary>
    /// <param name="page">The page.</param>
    /// <param name="readTsc">Reads the time-stamp counter.</param>
    /// <param name="reading">Receives what belongs together.</param>
    public static bool TryRead(byte* page, delegate*<ulong> readTsc, out ReferenceReading reading)
    {
        reading = default;
        for (int i = 0; i < Tries && page != null; i++)
        {
            reading.Sequence = Volatile.Read(ref *(uint*)(page + SequenceOffset));
            if (reading.Sequence == Invalid)
                return false;
            reading.Scale = Volatile.Read(ref *(ulong*)(page + ScaleOffset));
            reading.Offset = Volatile.Read(ref *(ulong*)(page + OffsetOffset));
            reading.Tsc = readTsc();
            Interlocked.MemoryBarrier();
            if (Volatile.Read(ref *(uint*)(page + SequenceOffset)) == reading.Sequence)
                return true;
        }

        return false;
    }
}
