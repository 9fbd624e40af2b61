using GuestOS.Boot.Events;
using GuestOS.Boot.Hosts;

namespace GuestOS.Boot.Smoke.Lab;

/// <summary>What the event <c>hypervisor</c> must say on a machine with certain enlightenments: each is used where it is there, and only there.</summary>
internal static class HypervisorExpectation
{
    private static readonly (string Enlightenment, string Member, string Used)[] Members =
    [
        (Enlightenment.VApic, "eoi", "assist"),
        (Enlightenment.Time, "clock", "tsc-page"),
        (Enlightenment.VpIndex, "vpIndex", "msr"),
        (Enlightenment.Synic, "synic", "on"),
        (Enlightenment.Runtime, "vpRuntime", "msr"),
        (Enlightenment.Reset, "reset", "msr"),
        (Enlightenment.Crash, "crash", "registers"),
        (Enlightenment.Frequencies, "frequencies", "hyper-v msr"),
        (Enlightenment.TlbFlush, "tlb", "hypercall"),
        (Enlightenment.Ipi, "ipi", "hypercall"),
        (Enlightenment.Relaxed, "relaxedTiming", "yes"),
    ];

    /// <summary>Fails unless the guest uses what it has, and says what it does instead of the rest.</summary>
    /// <param name="guest">The machine.</param>
    /// <param name="enlightenments">What its hypervisor has.</param>
    public static void Check(IGuest guest, IReadOnlyList<string> enlightenments)
    {
        GuestEvent seen = ScenarioContext.Single(guest, "hypervisor");
        ScenarioContext.CheckEqual("hyper-v", seen.Text("interface"), "interface");
        ScenarioContext.CheckEqual("page", seen.Text("hypercall"), "hypercalls");
        foreach ((string enlightenment, string member, string used) in Members)
        {
            string? said = seen.Text(member);
            ScenarioContext.Check(
                enlightenments.Contains(enlightenment) ? said == used : said is not null && said != used,
                $"{member} {(enlightenments.Contains(enlightenment) ? "with" : "without")} {enlightenment}: saw {said}");
        }

        string timer = enlightenments.Contains(Enlightenment.StimerDirect) ? "stimer-direct"
            : enlightenments.Contains(Enlightenment.Stimer) ? "stimer-message" : "apic";
        ScenarioContext.CheckEqual(timer, seen.Text("timer"), "timer");
        ScenarioContext.CheckEqual(null, seen.Text("refused"), "refused parts");
    }
}
