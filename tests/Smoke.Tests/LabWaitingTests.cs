using GuestOS.Boot.Smoke.Lab;

namespace GuestOS.Smoke.Tests;

/// <summary>Scenarios of the lab that wait for the host most of the time: they run beside the others (xunit.runner.json).</summary>
public sealed class LabWaitingTests(SmokeSession session)
{
    public static TheoryData<string> Names => [.. LabCatalog.All.Where(scenario => !scenario.IsAlone && scenario.IsMostlyWaiting).Select(scenario => scenario.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public Task Scenario(string name) => session.RunAsync(name);
}
