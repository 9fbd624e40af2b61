using GuestOS.Boot.Hosts;

namespace GuestOS.Boot.Smoke.Lab;

/// <summary>The scenarios of the host <c>lab</c>, in the order in which they are run.</summary>
internal static class LabCatalog
{
    private static readonly int[] CpuCounts = [1, 2, 4];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Scenario> All { get; } = [.. Boots(), .. Balloons(), .. Lies()];

    private static IEnumerable<Scenario> Boots()
    {
        foreach (var cpus in CpuCounts)
            yield return new LabBootScenario(cpus);
        yield return new LinuxScenario();
        yield return new LabRebootScenario();
    }

    private static IEnumerable<Scenario> Balloons()
    {
        foreach (var cpus in CpuCounts)
            yield return new BalloonSizesScenario(cpus);
        yield return new BalloonTargetsScenario(2);
        yield return new HotAddScenario();
        yield return new BalloonResetScenario();
    }

    /// <summary>Machines that have less than they seem to have.</summary>
    private static IEnumerable<Scenario> Lies()
    {
        yield return new OtherHypervisorScenario("none", HypervisorSpec.None, "");
        yield return new OtherHypervisorScenario("kvm", HypervisorSpec.Kvm, "KVMKVMKVM");
        yield return new NoVmBusScenario();
        foreach (var enlightenment in Enlightenment.Standard)
            yield return new MissingEnlightenmentScenario(enlightenment);
        yield return new AllEnlightenmentsScenario();
    }
}
