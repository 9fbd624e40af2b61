using GuestOS.Boot.Smoke.Lab;

namespace GuestOS.Smoke.Tests;

/// <summary>Hyper-V's interface as others wrote it: KVM's and QEMU's, in the lab.</summary>
public sealed class LabTests(SmokeSession session)
{
    public static TheoryData<string> Names => [.. LabCatalog.All.Where(scenario => !scenario.IsAlone && !scenario.IsMostlyWaiting).Select(scenario => scenario.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public Task Scenario(string name) => session.RunAsync(name);
}
