using GuestOS.Boot.Build;
using GuestOS.Boot.Hosts;
using GuestOS.Boot.Prerequisites;
using GuestOS.Boot.Smoke;
using Spectre.Console;

[assembly: AssemblyFixture(typeof(GuestOS.Smoke.Tests.SmokeSession))]

namespace GuestOS.Smoke.Tests;

/// <summary>Builds what the scenarios boot, once; installs what that needs.</summary>
public sealed class SmokeSession : IAsyncLifetime
{
    private SmokeRunner? _runner;

    public async ValueTask InitializeAsync()
    {
        await new Installer(AnsiConsole.Console).EnsureAsync(Job.Everything, CancellationToken.None);
        var repository = Repository.Find();
        var kernel = await new KernelBuilder(repository).BuildAsync(null, null, CancellationToken.None);
        _runner = new SmokeRunner(HostChoice.Get(HostChoice.Auto), SmokeMedia.OfKernel(repository, kernel), SmokeSettings.Short);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Runs a scenario and fails the test as the scenario fails.</summary>
    internal async Task RunAsync(string name)
    {
        var result = await _runner!.RunAsync(ScenarioCatalog.Select([name]).Single(), TestContext.Current.CancellationToken);
        Assert.SkipWhen(result.Verdict == Verdict.Skipped, result.Message);
        Assert.True(result.Verdict == Verdict.Passed, $"{result.Message}\nkept: {result.Folder}");
    }
}
