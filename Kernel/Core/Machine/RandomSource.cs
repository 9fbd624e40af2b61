namespace GuestOS.Kernel.Core;

/// <summary>
/// Random bytes: RDSEED or RDRAND where the processor has them, stirred with the time-stamp counter; a xoshiro256** generator spreads
/// them. LOCKING: the kernel lock.
/// </summary>
internal static unsafe class RandomSource
{
    private static ulong s_state0, s_state1, s_state2, s_state3;
    private static int s_hasRdrand;
    private static int s_untilReseed;

    public static void Initialize()
    {
        CpuIdResult.Read(1, 0, out CpuIdResult leaf);
        s_hasRdrand = (int)(leaf.Ecx >> 30) & 1;
        Reseed();
    }

    public static ulong Next()
    {
        if (s_untilReseed-- <= 0)
            Reseed();
        ulong result = Rotate(s_state1 * 5, 7) * 9;
        ulong t = s_state1 << 17;
        s_state2 ^= s_state0;
        s_state3 ^= s_state1;
        s_state1 ^= s_state2;
        s_state0 ^= s_state3;
        s_state2 ^= t;
        s_state3 = Rotate(s_state3, 45);
        return result;
    }

    public static void Fill(byte* destination, ulong length)
    {
        for (ulong i = 0; i < length; i += 8)
        {
            ulong value = Next();
            for (ulong j = i; j < length && j < i + 8; j++, value >>= 8)
                destination[j] = (byte)value;
        }
    }

    private static void Reseed()
    {
        const int interval = 1024;
        s_untilReseed = interval;
        s_state0 ^= Seed(1);
        s_state1 ^= Seed(2);
        s_state2 ^= Seed(3);
        s_state3 ^= Seed(4);
    }

    private static ulong Seed(ulong salt)
    {
        ulong value = 0;
        if (s_hasRdrand != 0)
            Cpu.TryRandom(&value);
        // SplitMix64 of the counter: without a hardware source the timing of the boot is all there is.
        ulong z = value + Cpu.ReadTsc() + (salt * 0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return z ^ (z >> 31);
    }

    private static ulong Rotate(ulong value, int bits) => (value << bits) | (value >> (64 - bits));
}
