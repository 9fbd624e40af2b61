using GuestOS.Boot.Smoke;
using GuestOS.Boot.Smoke.Lab;
using GuestOS.Boot.Smoke.Scenarios;

namespace GuestOS.Smoke.Tests;

/// <summary>Everything that a booted machine has to show beside booting, and beside Hyper-V.</summary>
public sealed class MachineTests(SmokeSession session)
{
    public static TheoryData<string> Names => [.. ScenarioCatalog.All.Where(scenario => scenario is not (BootScenario or LabScenario) && !scenario.IsAlone).Select(scenario => scenario.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public Task Scenario(string name) => session.RunAsync(name);
}
