namespace GuestOS.Kernel.Core;

/// <summary>Sets of virtual processors in the input of hypercalls (TLFS 7.8.7.3). Pure.</summary>
internal static unsafe class VpSet
{
    private const int BankShift = 6;
    private const uint BankMask = 63;

    /// <summary>The set as a mask of 64 bits; false when a number does not fit one.</summary>
    /// <param name="indexes">The hypervisor's number of each processor.</param>
    /// <param name="processors">Processors by their own numbers, bit by bit.</param>
    /// <param name="mask">Receives the mask.</param>
    public static bool TryMask(uint* indexes, ulong processors, out ulong mask)
    {
        mask = 0;
        for (int i = 0; i < Smp.MaximumProcessors; i++)
        {
            if ((processors & (1UL << i)) == 0)
                continue;
            if (indexes[i] > BankMask)
                return false;
            mask |= 1UL << (int)indexes[i];
        }

        return true;
    }

    /// <summary>Writes the set in its sparse form: format 0, mask of banks, and a word for each bank that has a member.</summary>
    /// <param name="indexes">The hypervisor's number of each processor.</param>
    /// <param name="processors">Processors by their own numbers, bit by bit.</param>
    /// <param name="words">Receives the words; at most 2 + 64.</param>
    /// <returns>Banks written, or -1 when a number is too large for the form.</returns>
    public static int WriteSparse(uint* indexes, ulong processors, ulong* words)
    {
        ulong banks = 0;
        for (int i = 0; i < Smp.MaximumProcessors; i++)
        {
            if ((processors & (1UL << i)) == 0)
                continue;
            if (indexes[i] > VpIndexes.Largest)
                return -1;
            banks |= 1UL << (int)(indexes[i] >> BankShift);
        }

        words[0] = 0;
        words[1] = banks;
        int count = CountBelow(banks, 64);
        for (int i = 0; i < count; i++)
            words[2 + i] = 0;
        for (int i = 0; i < Smp.MaximumProcessors; i++)
        {
            if ((processors & (1UL << i)) != 0)
                words[2 + CountBelow(banks, (int)(indexes[i] >> BankShift))] |= 1UL << (int)(indexes[i] & BankMask);
        }

        return count;
    }

    private static int CountBelow(ulong banks, int bank)
    {
        int count = 0;
        for (int i = 0; i < bank; i++)
            count += (int)(banks >> i & 1);
        return count;
    }
}
