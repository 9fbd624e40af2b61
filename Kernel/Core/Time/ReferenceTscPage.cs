namespace GuestOS.Kernel.Core;

/// <summary>
/// Hyper-V's partition reference time (TLFS 6.0, 12.7): 100 ns units since the partition was made, by MSR, or without leaving the guest
/// from the time-stamp counter by scale and offset of a page that the hypervisor keeps.
/// </summary>
internal static unsafe class ReferenceTscPage
{
    /// <summary>Counts in a second.</summary>
    public const ulong Frequency = 10_000_000;

    /// <summary>HV_X64_MSR_TIME_REF_COUNT.</summary>
    public const uint CounterMsr = 0x4000_0020;

    /// <summary>HV_X64_MSR_REFERENCE_TSC: bit 0 enable, bits 12-63 page number.</summary>
    public const uint PageMsr = 0x4000_0021;

    private const int SequenceOffset = 0;
    private const int ScaleOffset = 8;
    private const int OffsetOffset = 16;

    /// <summary>True when the counter's MSR can be read.</summary>
    public static bool Present;

    /// <summary>Guest-physical address of the page; 0: the MSR is read instead.</summary>
    public static ulong PageAddress;

    private static PageSpace s_space;

    /// <summary>Takes the page into use where the hypervisor offers it; keeps one that is in use already.</summary>
    public static void Init()
    {
        ulong value;
        Present = Hypervisor.Has(Hypervisor.AccessReferenceCounter) && Cpu.TryReadMsr(CounterMsr, &value) != 0;
        PageAddress = 0;
        if (!Present || !Hypervisor.Has(Hypervisor.AccessReferenceTsc) || Cpu.TryReadMsr(PageMsr, &value) == 0)
            return;
        ulong page;
        fixed (byte* space = &s_space.Bytes[0])
            page = (ulong)space + 4095 & ~4095UL;
        Cpu.WriteMsr(PageMsr, page | value & 0xFFE | 1);
        // Sequence 0: the hypervisor cannot promise a steady counter just now.
        if (Volatile.Read(ref *(uint*)(page + SequenceOffset)) != 0)
            PageAddress = page;
    }

    /// <summary>The reference time in units of 100 ns.</summary>
    public static ulong Read()
    {
        var page = (byte*)PageAddress;
        while (page != null)
        {
            uint sequence = Volatile.Read(ref *(uint*)(page + SequenceOffset));
            if (sequence == 0)
                break;
            ulong tsc = Cpu.ReadTsc();
            ulong scale = Volatile.Read(ref *(ulong*)(page + ScaleOffset));
            ulong offset = Volatile.Read(ref *(ulong*)(page + OffsetOffset));
            if (Volatile.Read(ref *(uint*)(page + SequenceOffset)) == sequence)
                return ClockMath.MultiplyHigh(tsc, scale) + offset;
        }

        return Cpu.ReadMsr(CounterMsr);
    }

    /// <summary>Low 32 bits of the counter by MSR, for calibration.</summary>
    public static uint ReadLow() => (uint)Cpu.ReadMsr(CounterMsr);

    // Two pages hold one that is aligned.
    private struct PageSpace
    {
        public fixed byte Bytes[8192];
    }
}
