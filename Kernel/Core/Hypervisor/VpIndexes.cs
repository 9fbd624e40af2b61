namespace GuestOS.Kernel.Core;

/// <summary>The hypervisor's number of each processor, for sets of processors in hypercalls. Filled at the processors' start.</summary>
internal static unsafe class VpIndexes
{
    /// <summary>Largest number that a sparse set can name (TLFS 7.8.7.3): 64 banks of 64.</summary>
    public const uint Largest = 4095;

    private struct Storage
    {
        public fixed uint Indexes[Smp.MaximumProcessors];
    }

    private static Storage s_storage;

    /// <summary>The numbers, by the kernel's own numbers.</summary>
    public static uint* Table
    {
        get
        {
            fixed (uint* indexes = s_storage.Indexes)
                return indexes;
        }
    }

    /// <summary>Reads the calling processor's.</summary>
    public static bool Read(CpuArea* cpu)
    {
        ulong value;
        if (Cpu.TryReadMsr(HyperVMsr.VpIndex, &value) == 0)
            return false;
        cpu->HyperV.VpIndex = (uint)value;
        Table[cpu->Index] = (uint)value;
        return true;
    }

    /// <summary>Whether all numbers lie below the host's own limit and none stands twice.</summary>
    public static bool AreUsable(int count, uint maximum) => AreUsable(Table, count, maximum);

    /// <summary>The same for any table. Pure.</summary>
    /// <param name="indexes">Numbers from the host.</param>
    /// <param name="count">How many.</param>
    /// <param name="maximum">Processors at most as the host says; 0 where it does not.</param>
    public static bool AreUsable(uint* indexes, int count, uint maximum)
    {
        for (int i = 0; i < count; i++)
        {
            if (indexes[i] > Largest || (maximum != 0 && indexes[i] >= maximum))
                return false;
            for (int j = 0; j < i; j++)
            {
                if (indexes[j] == indexes[i])
                    return false;
            }
        }

        return true;
    }
}
