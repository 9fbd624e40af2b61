namespace GuestOS.Kernel.Core;

/// <summary>Which parts of Hyper-V's interface are used, from what is offered and what the command line leaves out. Pure.</summary>
internal static unsafe class HypervisorPlan
{
    /// <summary>Decides. A part whose need is left out goes with it.</summary>
    /// <param name="offer">What CPUID says.</param>
    /// <param name="without">What shall not be used.</param>
    public static HypervisorUses Decide(in HypervisorOffer offer, HypervisorUses without)
    {
        HypervisorUses uses = HypervisorUses.None;
        Add(ref uses, HypervisorUses.Hypercalls, offer.Privileges, HypervisorOffer.PrivilegeHypercall);
        Add(ref uses, HypervisorUses.SynIc, offer.Privileges, HypervisorOffer.PrivilegeSynIc);
        Add(ref uses, HypervisorUses.SyntheticTimer, offer.Privileges, HypervisorOffer.PrivilegeTimers);
        Add(ref uses, HypervisorUses.DirectTimer, offer.Features, HypervisorOffer.FeatureDirectTimers);
        Add(ref uses, HypervisorUses.ReferenceCounter, offer.Privileges, HypervisorOffer.PrivilegeReferenceCounter);
        Add(ref uses, HypervisorUses.ReferenceTscPage, offer.Privileges, HypervisorOffer.PrivilegeReferenceTsc);
        if ((offer.Features & HypervisorOffer.FeatureFrequencies) != 0)
            Add(ref uses, HypervisorUses.Frequencies, offer.Privileges, HypervisorOffer.PrivilegeFrequencies);
        if ((offer.Hints & HypervisorOffer.HintApic) != 0)
            Add(ref uses, HypervisorUses.ApicAssist, offer.Privileges, HypervisorOffer.PrivilegeApic);
        Add(ref uses, HypervisorUses.VpIndex, offer.Privileges, HypervisorOffer.PrivilegeVpIndex);
        Add(ref uses, HypervisorUses.VpRuntime, offer.Privileges, HypervisorOffer.PrivilegeVpRuntime);
        if (offer.SpinRetries is not (0 or HypervisorOffer.NeverNotify))
            uses |= HypervisorUses.LongSpin;
        if ((offer.Features & HypervisorOffer.FeatureGuestIdle) != 0)
            Add(ref uses, HypervisorUses.GuestIdle, offer.Privileges, HypervisorOffer.PrivilegeGuestIdle);
        Add(ref uses, HypervisorUses.Flush, offer.Hints, HypervisorOffer.HintRemoteFlush);
        Add(ref uses, HypervisorUses.Ipi, offer.Hints, HypervisorOffer.HintClusterIpi);
        Add(ref uses, HypervisorUses.ExtendedMasks, offer.Hints, HypervisorOffer.HintExtendedMasks);
        Add(ref uses, HypervisorUses.Reset, offer.Privileges, HypervisorOffer.PrivilegeReset);
        Add(ref uses, HypervisorUses.Crash, offer.Features, HypervisorOffer.FeatureCrash);
        Add(ref uses, HypervisorUses.TscInvariant, offer.Privileges, HypervisorOffer.PrivilegeTscInvariant);
        Add(ref uses, HypervisorUses.RelaxedTiming, offer.Hints, HypervisorOffer.HintRelaxedTiming);
        if ((offer.Hints & HypervisorOffer.HintNoAutoEoi) == 0)
            uses |= HypervisorUses.AutoEoi;
        return Consistent(uses & ~without);
    }

    /// <summary>Drops what cannot be had without what is missing.</summary>
    public static HypervisorUses Consistent(HypervisorUses uses)
    {
        // The page counts in the counter's units, and the counter stands in when the page is not valid.
        Need(ref uses, HypervisorUses.ReferenceTscPage, HypervisorUses.ReferenceCounter);
        // A timer's time is reference time, and what it sends is a vector or a message.
        Need(ref uses, HypervisorUses.SyntheticTimer, HypervisorUses.ReferenceCounter);
        Need(ref uses, HypervisorUses.DirectTimer, HypervisorUses.SyntheticTimer);
        if ((uses & (HypervisorUses.DirectTimer | HypervisorUses.SynIc)) == 0)
            uses &= ~HypervisorUses.SyntheticTimer;
        // Only messages have it.
        if ((uses & HypervisorUses.DirectTimer) != 0)
            uses &= ~HypervisorUses.AutoEoi;
        Need(ref uses, HypervisorUses.AutoEoi, HypervisorUses.SyntheticTimer);
        Need(ref uses, HypervisorUses.LongSpin, HypervisorUses.Hypercalls);
        Need(ref uses, HypervisorUses.Flush, HypervisorUses.Hypercalls | HypervisorUses.VpIndex);
        Need(ref uses, HypervisorUses.Ipi, HypervisorUses.Hypercalls | HypervisorUses.VpIndex);
        if ((uses & (HypervisorUses.Flush | HypervisorUses.Ipi)) == 0)
            uses &= ~HypervisorUses.ExtendedMasks;
        return uses;
    }

    /// <summary>The set behind the words of <c>guestos.without</c>, separated by commas.</summary>
    /// <param name="text">The option's value; null is the empty set.</param>
    /// <param name="length">Its length.</param>
    public static HypervisorUses Parse(byte* text, int length)
    {
        HypervisorUses result = HypervisorUses.None;
        int start = 0;
        for (int i = 0; i <= length && text != null; i++)
        {
            if (i < length && text[i] != ',')
                continue;
            result |= ParseWord(text + start, i - start);
            start = i + 1;
        }

        return result;
    }

    private static HypervisorUses ParseWord(byte* word, int length)
    {
        if (Is(word, length, "all"u8))
            return (HypervisorUses)uint.MaxValue;
        for (int bit = 0; bit < Names; bit++)
        {
            if (Is(word, length, Name(bit)))
                return (HypervisorUses)(1u << bit);
        }

        return HypervisorUses.None;
    }

    private const int Names = 20;

    /// <summary>Name of a bit of <see cref="HypervisorUses"/>, for options and reports.</summary>
    public static ReadOnlySpan<byte> Name(int bit) => bit switch
    {
        0 => "hypercall"u8,
        1 => "synic"u8,
        2 => "stimer"u8,
        3 => "stimer-direct"u8,
        4 => "counter"u8,
        5 => "tsc-page"u8,
        6 => "frequencies"u8,
        7 => "apic"u8,
        8 => "vp-index"u8,
        9 => "vp-runtime"u8,
        10 => "long-spin"u8,
        11 => "idle"u8,
        12 => "flush"u8,
        13 => "ipi"u8,
        14 => "extended-masks"u8,
        15 => "reset"u8,
        16 => "crash"u8,
        17 => "tsc-invariant"u8,
        18 => "auto-eoi"u8,
        19 => "relaxed"u8,
        _ => default,
    };

    private static bool Is(byte* word, int length, ReadOnlySpan<byte> name)
    {
        if (name.Length != length)
            return false;
        foreach (byte c in name)
        {
            if (*word++ != c)
                return false;
        }

        return true;
    }

    private static void Add(ref HypervisorUses uses, HypervisorUses part, uint register, uint bit)
    {
        if ((register & bit) != 0)
            uses |= part;
    }

    private static void Need(ref HypervisorUses uses, HypervisorUses part, HypervisorUses needs)
    {
        if ((uses & needs) != needs)
            uses &= ~part;
    }
}
