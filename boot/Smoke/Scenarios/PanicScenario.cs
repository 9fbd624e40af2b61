using GuestOS.Boot.Hosts;

namespace GuestOS.Boot.Smoke.Scenarios;

/// <summary>The kernel ends on purpose: the panic names its cause in log and event, with a stack trace where there is one.</summary>
/// <param name="kind">Kind of panic, as boot/EVENTS.md has it.</param>
/// <param name="hasTrace">Whether it comes from managed code.</param>
internal sealed class PanicScenario(string kind, bool hasTrace)
    : Scenario($"panic-{kind}", $"Panic of kind {kind}: cause{(hasTrace ? " and managed stack trace" : "")} in log and event")
{
    /// <inheritdoc/>
    public override async Task RunAsync(ScenarioContext context, CancellationToken cancellationToken)
    {
        var guest = await context.BootAsync(
            new MachineSpec
            {
                Name = Name,
                Boot = await context.Media.GetFastestAsync(cancellationToken).ConfigureAwait(false),
                Cpus = 2,
                DebugExit = true,
                Append = ScenarioContext.Tests($"panic:{kind}"),
            },
            cancellationToken).ConfigureAwait(false);
        var exit = await context.EndAsync(guest, TimeSpan.FromSeconds(10), cancellationToken).ConfigureAwait(false);

        ScenarioContext.CheckEqual(new GuestExit(GuestExitKind.DebugPort, GuestExit.StatusPanic), exit, "end of the machine");
        var panic = ScenarioContext.Single(guest, "panic");
        ScenarioContext.CheckEqual(kind, panic.Text("kind"), "kind of panic");
        ScenarioContext.Check(!string.IsNullOrEmpty(panic.Text("message")), "the panic has no message");
        ScenarioContext.Check(!hasTrace || !string.IsNullOrEmpty(panic.Text("trace")), "the panic has no stack trace");
        ScenarioContext.Check(
            guest.Console.Text.Contains("panic", StringComparison.OrdinalIgnoreCase),
            "the console does not show the panic");
        ScenarioContext.CheckEqual("panic", ScenarioContext.Single(guest, "poweroff").Text("reason"), "reason of the end");
    }
}
