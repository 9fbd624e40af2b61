using GuestOS.Boot.Build;
using GuestOS.Boot.Hosts;
using GuestOS.Boot.Images;
using GuestOS.Boot.Smoke;

namespace GuestOS.Boot.Tests;

public sealed class LostHostTests
{
    [Theory]
    [InlineData(0, 1, false, "")]
    [InlineData(2, 3, false, "lost by its host: QEMU aborted")]
    [InlineData(1, 2, true, "the host broke it")]
    public async Task A_scenario_whose_machine_the_host_lost_or_broke_is_begun_again(int losses, int begun, bool panics, string said)
    {
        var host = new LostHost(losses, panics);
        var result = await RunAsync(host);
        Assert.Equal((Verdict.Passed, begun), (result.Verdict, host.Made));
        Assert.Equal(losses > 0, result.Message.Contains($"begun {begun} times:\n  {said}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_host_that_loses_every_machine_fails_the_scenario()
    {
        var host = new LostHost(int.MaxValue);
        var result = await RunAsync(host);
        Assert.Equal((Verdict.Failed, 3), (result.Verdict, host.Made));
        Assert.Contains("begun 3 times:\n  lost by its host: QEMU aborted", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_that_the_host_does_not_explain_is_one()
    {
        var host = new LostHost(0);
        var result = await RunAsync(host, new Late());
        Assert.Equal((Verdict.Failed, 1, "the machine was late"), (result.Verdict, host.Made, result.Message));
    }

    private static async Task<ScenarioResult> RunAsync(LostHost host, Scenario? scenario = null)
    {
        var hosts = new SmokeHosts();
        hosts.Add(host);
        var media = SmokeMedia.OfImage(Repository.Find(), new BootMedium("/nowhere", ImageFormat.Elf));
        return await new SmokeRunner(hosts, media, SmokeSettings.Short).RunAsync(scenario ?? new PoweredOff(), TestContext.Current.CancellationToken);
    }

    private sealed class PoweredOff() : Scenario("test-powered-off", "The machine powers itself off")
    {
        public override async Task RunAsync(ScenarioContext context, CancellationToken cancellationToken)
        {
            var guest = await context.BootAsync(new MachineSpec { Name = Name, Boot = new BootMedium("/nowhere", ImageFormat.Elf) }, cancellationToken);
            ScenarioContext.CheckEqual(new GuestExit(GuestExitKind.PoweredOff), await guest.Exit, "end of the machine");
        }
    }

    private sealed class Late() : Scenario("test-late", "The machine is late")
    {
        public override async Task RunAsync(ScenarioContext context, CancellationToken cancellationToken)
        {
            await context.BootAsync(new MachineSpec { Name = Name, Boot = new BootMedium("/nowhere", ImageFormat.Elf) }, cancellationToken);
            throw new ScenarioFailedException("the machine was late");
        }
    }
}
