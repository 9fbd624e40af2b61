namespace GuestOS.Boot.Hosts;

/// <summary>Parts of Hyper-V's interface that KVM offers, under QEMU's names (QEMU docs/system/i386/hyperv.rst).</summary>
internal static class Enlightenment
{
    /// <summary>Hypercall page, guest OS id; nothing else works without some enlightenment, and any of them brings these.</summary>
    public const string Relaxed = "hv-relaxed";

    /// <summary>APIC assist page; EOI, ICR and TPR as MSRs.</summary>
    public const string VApic = "hv-vapic";

    /// <summary>Reference counter MSR and reference TSC page.</summary>
    public const string Time = "hv-time";

    /// <summary>VP index MSR.</summary>
    public const string VpIndex = "hv-vpindex";

    /// <summary>Synthetic interrupt controller.</summary>
    public const string Synic = "hv-synic";

    /// <summary>Synthetic timers.</summary>
    public const string Stimer = "hv-stimer";

    /// <summary>Synthetic timers that interrupt directly.</summary>
    public const string StimerDirect = "hv-stimer-direct";

    /// <summary>VP runtime MSR.</summary>
    public const string Runtime = "hv-runtime";

    /// <summary>Reset MSR.</summary>
    public const string Reset = "hv-reset";

    /// <summary>Crash MSRs.</summary>
    public const string Crash = "hv-crash";

    /// <summary>Frequency MSRs.</summary>
    public const string Frequencies = "hv-frequencies";

    /// <summary>TLB flush hypercalls.</summary>
    public const string TlbFlush = "hv-tlbflush";

    /// <summary>TLB flush hypercalls with ranges in extended form.</summary>
    public const string TlbFlushExtended = "hv-tlbflush-ext";

    /// <summary>Interrupt hypercalls.</summary>
    public const string Ipi = "hv-ipi";

    /// <summary>Hypercall input in XMM registers.</summary>
    public const string XmmInput = "hv-xmm-input";

    /// <summary>What the standard machine has.</summary>
    public static IReadOnlyList<string> Standard { get; } =
        [Relaxed, VApic, Time, VpIndex, Synic, Stimer, Runtime, Reset, Crash, Frequencies, TlbFlush, Ipi];

    /// <summary>Everything that a guest of our kind can use.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Standard, StimerDirect, TlbFlushExtended, XmmInput];

    private static readonly Dictionary<string, string[]> Needs = new()
    {
        [Synic] = [VpIndex],
        [Stimer] = [VpIndex, Synic, Time],
        [StimerDirect] = [Stimer],
        [TlbFlush] = [VpIndex],
        [TlbFlushExtended] = [TlbFlush],
        [Ipi] = [VpIndex],
    };

    /// <summary>A list without one enlightenment, and without those that QEMU refuses without it.</summary>
    public static IReadOnlyList<string> Without(IReadOnlyList<string> list, string enlightenment)
    {
        HashSet<string> gone = [enlightenment];
        while (list.FirstOrDefault(item => !gone.Contains(item) && NeedsOf(item).Any(gone.Contains)) is { } next)
            gone.Add(next);
        return list.Where(item => !gone.Contains(item)).ToList();
    }

    private static string[] NeedsOf(string item) => Needs.GetValueOrDefault(item, []);
}
