namespace GuestOS.Kernel.Core;

/// <summary>
/// Hypercalls that act on other processors: flushes of their translations and interrupts. A call that fails is not tried again; the
/// caller does it by the local APIC. LOCKING: interrupts off.
/// </summary>
internal static unsafe class ProcessorCalls
{
    /// <summary>HV_FLUSH_ALL_VIRTUAL_ADDRESS_SPACES: the kernel has only one.</summary>
    private const ulong FlushAllSpaces = 2;

    /// <summary>Makes other processors drop all their translations; on return they have.</summary>
    /// <param name="processors">Which, bit by bit; not empty.</param>
    public static bool TryFlush(ulong processors)
    {
        ulong* input = (ulong*)Cpu.Self()->HyperV.Input;
        if (input == null)
            return false;
        int variable = WriteFlush(input, VpIndexes.Table, processors, HyperV.Has(HypervisorUses.ExtendedMasks), out ulong code);
        return variable >= 0 && HypercallPage.CallWithInput(code, variable);
    }

    /// <summary>Interrupts other processors.</summary>
    /// <param name="processors">Which, bit by bit; not empty.</param>
    /// <param name="vector">16 to 255.</param>
    public static bool TryInterrupt(ulong processors, byte vector)
    {
        if (VpSet.TryMask(VpIndexes.Table, processors, out ulong mask))
            return HypercallPage.CallFast(HypercallPage.SendIpi, vector, mask);
        ulong* input = (ulong*)Cpu.Self()->HyperV.Input;
        if (input == null || !HyperV.Has(HypervisorUses.ExtendedMasks))
            return false;
        int variable = WriteInterrupt(input, VpIndexes.Table, processors, vector);
        return variable >= 0 && HypercallPage.CallWithInput(HypercallPage.SendIpiEx, variable);
    }

    /// <summary>Writes the input of a flush of everything: address space, flags, processors (TLFS 9.4.6, 9.4.8).</summary>
    /// <param name="words">Receives it.</param>
    /// <param name="indexes">The hypervisor's number of each processor.</param>
    /// <param name="processors">Which, bit by bit.</param>
    /// <param name="extended">Whether the host takes sets with numbers above 63.</param>
    /// <param name="code">The call.</param>
    /// <returns>Words of the variable part, or -1 when there is no form for this set.</returns>
    public static int WriteFlush(ulong* words, uint* indexes, ulong processors, bool extended, out ulong code)
    {
        words[0] = 0;
        words[1] = FlushAllSpaces;
        code = HypercallPage.Flush;
        if (VpSet.TryMask(indexes, processors, out words[2]))
            return 0;
        code = HypercallPage.FlushEx;
        return extended ? VpSet.WriteSparse(indexes, processors, words + 2) : -1;
    }

    /// <summary>Writes the input of an interrupt in its extended form: vector, target level 0, processors.</summary>
    /// <returns>Words of the variable part, or -1 when there is no form for this set.</returns>
    public static int WriteInterrupt(ulong* words, uint* indexes, ulong processors, byte vector)
    {
        words[0] = vector;
        return VpSet.WriteSparse(indexes, processors, words + 1);
    }
}
