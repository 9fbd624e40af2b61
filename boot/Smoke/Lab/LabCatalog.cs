using GuestOS.Boot.Hosts;

namespace GuestOS.Boot.Smoke.Lab;

/// <summary>The scenarios of the host <c>lab</c>, in the order in which they are run.</summary>
internal static class LabCatalog
{
    private static readonly int[] CpuCounts = [1, 2, 4];

    /// <summary>Versions of VMBus that QEMU's bridge speaks (include/hw/hyperv/vmbus-bridge, hw/hyperv/vmbus.c).</summary>
    private static readonly string[] BridgeVersions = [VmBusExpectation.BridgeVersion, "3.0", "2.4", "1.1", "0.13"];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Scenario> All { get; } = [.. Boots(), .. Versions(), .. Ends(), .. Clocks(), .. Balloons(), .. Lies()];

    private static IEnumerable<Scenario> Boots()
    {
        foreach (var cpus in CpuCounts)
            yield return new LabBootScenario(cpus);
        foreach (var cpus in CpuCounts)
            yield return new AllEnlightenmentsScenario(cpus);
        yield return new LinuxScenario();
    }

    private static IEnumerable<Scenario> Versions()
    {
        foreach (var version in BridgeVersions)
            yield return new VmBusVersionScenario(version);
        yield return new VmBusOffScenario();
    }

    private static IEnumerable<Scenario> Ends()
    {
        yield return new LabRebootScenario();
        yield return new ResetScenario();
        yield return new CrashScenario("unhandled", code: 5, exception: 0);
        yield return new CrashScenario("fault", code: 1, exception: 14);
    }

    private static IEnumerable<Scenario> Clocks()
    {
        yield return new ClockScenario();
        yield return new DriftScenario();
        yield return new StoppedScenario();
        foreach (var cpus in CpuCounts)
        {
            yield return new IdleScenario(cpus, hasVmBus: false);
            yield return new IdleScenario(cpus, hasVmBus: true);
        }
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
    }
}
