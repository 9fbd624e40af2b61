using System.Globalization;

namespace GuestOS.Boot.Smoke.Lab;

/// <summary>A panic of the guest reaches the host, which reports it with the guest's numbers.</summary>
/// <param name="kind">Kind of panic, as boot/EVENTS.md has it.</param>
/// <param name="code">The number of that kind in P0 ("Crash registers").</param>
/// <param name="exception">The processor exception in P0; 0 for none.</param>
internal sealed class CrashScenario(string kind, ulong code, ulong exception)
    : LabScenario($"crash-{kind}", $"Panic of kind {kind}: QEMU reports GUEST_PANICKED with the guest's crash parameters")
{
    private const ulong GuestOsId = 0xC700_0000_0100_0000;

    /// <inheritdoc/>
    public override async Task RunAsync(ScenarioContext context, CancellationToken cancellationToken)
    {
        var machine = await MachineAsync(context, 2, ScenarioContext.Tests($"panic:{kind}"), cancellationToken).ConfigureAwait(false);
        var guest = await context.BootAsync(machine, cancellationToken).ConfigureAwait(false);
        var panicked = await context.WaitForMonitorAsync(guest, HyperVMonitor.GuestPanicked, 0, LabTime, cancellationToken).ConfigureAwait(false);
        var exit = await context.EndAsync(guest, LabTime, cancellationToken).ConfigureAwait(false);
        ScenarioContext.CheckEqual(new Hosts.GuestExit(Hosts.GuestExitKind.DebugPort, Hosts.GuestExit.StatusPanic), exit, "end of the machine");

        var panic = ScenarioContext.Single(guest, "panic");
        ScenarioContext.CheckEqual(kind, panic.Text("kind"), "kind of panic");
        ScenarioContext.CheckEqual("hyper-v", panicked.Data.GetProperty("info").GetProperty("type").GetString(), "what the host takes the report for");
        var parameters = HyperVMonitor.CrashParametersOf(panicked);
        ScenarioContext.CheckEqual(code | (exception << 8), parameters[0], "P0");
        ScenarioContext.CheckEqual(GuestOsId, parameters[1], "P1");
        if (exception != 0)
        {
            ScenarioContext.CheckEqual(panic.Text("rip"), Register(parameters[2]), "P2");
            ScenarioContext.CheckEqual(panic.Text("rsp"), Register(parameters[4]), "P4");
        }

        context.Remark($"{panicked}");
    }

    private static string Register(ulong value) => value.ToString("x16", CultureInfo.InvariantCulture);
}
