using GuestOS.Boot.Hosts;
using GuestOS.Boot.Images;

namespace GuestOS.Boot.Smoke.Scenarios;

/// <summary>
/// An ordinary console application becomes the program of an image: everything that it tries works, and its exit code ends the machine.
/// </summary>
internal sealed class SampleProgramScenario() : Scenario("sample-program", "An ordinary console application as the image's program")
{
    private const string Project = "tests/Samples/Showcase/Showcase.csproj";
    private const string LastLine = "showcase: ";

    /// <summary>The application tries more things than this.</summary>
    private const int LeastLines = 6;

    /// <inheritdoc/>
    public override string? WhyNot(SmokeMedia media) => media.CanBuild ? null : "builds an image of its own, and one was given";

    /// <inheritdoc/>
    public override async Task RunAsync(ScenarioContext context, CancellationToken cancellationToken)
    {
        var guest = await context.BootAsync(
            new MachineSpec
            {
                Name = Name,
                Boot = await context.Media.BuildAsync(Project, ImageFormat.Iso, cancellationToken).ConfigureAwait(false),
                Cpus = 2,
                DebugExit = true,
                Append = "guestos.exit=debug-port",
            },
            cancellationToken).ConfigureAwait(false);
        var exit = await context.EndAsync(guest, TimeSpan.FromSeconds(30), cancellationToken).ConfigureAwait(false);

        var lines = guest.Console.Text.Split('\n').Select(line => line.TrimEnd()).ToList();
        var failed = lines.Where(line => line.StartsWith("FAIL", StringComparison.Ordinal)).ToList();
        ScenarioContext.Check(failed.Count == 0, $"the application reports: {string.Join("; ", failed)}");
        var good = lines.Count(line => line.StartsWith("ok ", StringComparison.Ordinal));
        ScenarioContext.Check(good >= LeastLines, $"the application reports {good} things that work, expected {LeastLines} at least");
        ScenarioContext.Check(
            lines.Any(line => line.StartsWith($"{LastLine}{good} of {good} passed", StringComparison.Ordinal)),
            $"the application's last line, \"{LastLine}{good} of {good} passed\", is missing");
        ScenarioContext.CheckEqual(new GuestExit(GuestExitKind.DebugPort, GuestExit.StatusPassed), exit, "end of the machine");
        ScenarioContext.CheckEqual(0, ScenarioContext.Single(guest, "exit").Number("status"), "exit code in the event");
        ScenarioContext.CheckEqual("program", ScenarioContext.Single(guest, "poweroff").Text("reason"), "reason in the event poweroff");
    }
}
