using GuestOS.Boot.Build;
using GuestOS.Boot.Hosts;
using GuestOS.Boot.Prerequisites;
using GuestOS.Boot.Smoke;
using Spectre.Console;

[assembly: AssemblyFixture(typeof(GuestOS.Smoke.Tests.SmokeSession))]

namespace GuestOS.Smoke.Tests;

/// <summary>Builds what the scenarios boot, once; installs what that needs; makes the hosts ready.</summary>
public sealed class SmokeSession : IAsyncLifetime
{
    private readonly Dictionary<string, string> _faults = [];
    private SmokeRunner? _runner;

    public async ValueTask InitializeAsync()
    {
        await new Installer(AnsiConsole.Console).EnsureAsync(Job.Everything, CancellationToken.None);
        var repository = Repository.Find();
        var hosts = new SmokeHosts();
        foreach (var name in ScenarioCatalog.All.Select(scenario => scenario.HostName).Distinct())
            await AddAsync(hosts, HostChoice.Get(name));
        var kernel = await new KernelBuilder(repository).BuildAsync(null, null, CancellationToken.None);
        _runner = new SmokeRunner(hosts, SmokeMedia.OfKernel(repository, kernel), SmokeSettings.Short);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Runs a scenario and fails the test as the scenario fails.</summary>
    internal async Task RunAsync(string name)
    {
        var scenario = ScenarioCatalog.Select([name], HostChoice.Auto).Single();
        if (_faults.TryGetValue(scenario.HostName, out var fault))
            Assert.Fail(fault);
        var result = await _runner!.RunAsync(scenario, TestContext.Current.CancellationToken);
        Assert.SkipWhen(result.Verdict == Verdict.Skipped, result.Message);
        if (result.Verdict == Verdict.Passed && result.Message.Length != 0)
            TestContext.Current.TestOutputHelper?.WriteLine(result.Message);
        Assert.True(result.Verdict == Verdict.Passed, $"{result.Message}\nkept: {result.Folder}");
    }

    /// <summary>A host that cannot be had fails its own scenarios, not all.</summary>
    private async Task AddAsync(SmokeHosts hosts, IHost host)
    {
        try
        {
            await host.PrepareAsync(null, CancellationToken.None);
            hosts.Add(host);
        }
        catch (ToolException e)
        {
            _faults[host.Name] = e.Message;
        }
    }
}
