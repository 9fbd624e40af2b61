namespace GuestOS.Kernel.Core;

/// <summary>The main counter of the High Precision Event Timer (IA-PC HPET specification 1.0a, 2.3). Its registers are mapped uncached.</summary>
internal static class Hpet
{
    /// <summary>Bytes of the registers.</summary>
    public const uint RegisterBytes = 1024;

    private const ulong CapabilityPeriod = 0x004;
    private const ulong Configuration = 0x010;
    private const ulong CounterLow = 0x0F0;
    private const uint EnableCounter = 1;

    // 2.3.4: at most 100 ns. No counter runs faster than 10 GHz.
    private const uint MaximumPeriod = 100_000_000;
    private const uint MinimumPeriod = 100_000;
    private const ulong FemtosecondsPerSecond = 1_000_000_000_000_000;

    /// <summary>Counts in a second; 0: there is no usable HPET.</summary>
    public static ulong Frequency;

    private static ulong s_address;

    /// <summary>Checks the timer at an address (0: none) and starts its counter. The timers themselves and the legacy routing stay off.</summary>
    public static void Init(ulong address)
    {
        Frequency = 0;
        if (address == 0)
            return;
        uint period = Mmio.Read32(address + CapabilityPeriod);
        if (!IsPlausible(period))
            return;
        s_address = address;
        Mmio.Write32(address + Configuration, EnableCounter);

        uint first = ReadLow();
        for (int i = 0; i < 10_000; i++)
        {
            if (ReadLow() == first)
                continue;
            Frequency = FemtosecondsPerSecond / period;
            return;
        }
    }

    /// <summary>True for a period in femtoseconds that a counter can have; all ones is what absent hardware reads as.</summary>
    public static bool IsPlausible(uint period) => period is >= MinimumPeriod and <= MaximumPeriod;

    /// <summary>
    /// Low 32 bits of the counter, all that some have. Others have 64; but not every bridge or emulator keeps a 64-bit read whole, and each further
    /// read takes a microsecond, under a hypervisor an exit.
    /// </summary>
    public static uint ReadLow() => Mmio.Read32(s_address + CounterLow);
}
