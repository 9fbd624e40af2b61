using GuestOS.Boot.Hosts;
using GuestOS.Boot.Images;

namespace GuestOS.Boot.Smoke.Scenarios;

/// <summary>The console answers on COM1: every command is typed, line editing included, and the last one powers off.</summary>
internal sealed class ConsoleScenario() : Scenario("console", "Console on COM1: every command, line editing, power-off")
{
    private const string Backspace = "\x7F";

    /// <summary>What is typed, and what must come back.</summary>
    private static readonly (string Typed, string Answer)[] Dialogue =
    [
        ("help", "poweroff"),
        ("devices", "8086:"),
        ("disks", "ata1.0"),
        ("memory", "MiB"),
        ("threads", "PRIORITY"),
        ("interrupts", "TRIGGER"),
        ("log", "ata"),
        ("nonsense", "nonsense"),
        ($"disx{Backspace}ks", "ata1.0"),
        ("hash ata1.0", ""),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<ImageFormat> Formats => [ImageFormat.Iso];

    /// <inheritdoc/>
    public override async Task RunAsync(ScenarioContext context, CancellationToken cancellationToken)
    {
        var medium = await context.Media.GetAsync(ImageFormat.Iso, cancellationToken).ConfigureAwait(false);
        var expected = await HostView.HashAsync(medium, GrubLoader.KernelPath, context, cancellationToken).ConfigureAwait(false);
        var guest = await context.BootAsync(new MachineSpec { Name = Name, Boot = medium }, cancellationToken).ConfigureAwait(false);
        await context.WaitAsync(guest, "ready", e => e.Kind == "ready", TimeSpan.Zero, cancellationToken).ConfigureAwait(false);

        foreach (var (typed, answer) in Dialogue)
        {
            var from = guest.Console.Text.Length;
            await guest.Console.SendLineAsync(typed, cancellationToken).ConfigureAwait(false);
            var awaited = answer.Length == 0 ? expected.Whole : answer;

            // The typed line comes back first; the answer follows its end.
            var echoed = await context.WaitForTextAsync(guest, "\n", from, cancellationToken).ConfigureAwait(false);
            await context.WaitForTextAsync(guest, awaited, echoed, cancellationToken).ConfigureAwait(false);
        }

        await guest.Console.SendLineAsync("poweroff", cancellationToken).ConfigureAwait(false);
        var exit = await context.EndAsync(guest, TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        ScenarioContext.CheckEqual(new GuestExit(GuestExitKind.PoweredOff), exit, "end of the machine");
        ScenarioContext.CheckEqual("console", ScenarioContext.Single(guest, "poweroff").Text("reason"), "reason in the event poweroff");
    }
}
