using GuestOS.Boot.Smoke;
using GuestOS.Boot.Smoke.Scenarios;

namespace GuestOS.Smoke.Tests;

/// <summary>The ways to boot. A class of its own, so that these and the other scenarios run side by side.</summary>
public sealed class BootTests(SmokeSession session)
{
    public static TheoryData<string> Names => [.. ScenarioCatalog.All.Where(scenario => scenario is BootScenario).Select(scenario => scenario.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public Task Scenario(string name) => session.RunAsync(name);
}
