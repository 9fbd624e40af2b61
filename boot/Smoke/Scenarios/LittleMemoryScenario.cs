using GuestOS.Boot.Hosts;
using GuestOS.Boot.Images;

namespace GuestOS.Boot.Smoke.Scenarios;

/// <summary>Too little memory: the machine says so on COM1 and on the screen, and ends or halts.</summary>
/// <param name="memoryMiB">The memory.</param>
/// <param name="format">The medium.</param>
internal sealed class LittleMemoryScenario(int memoryMiB, ImageFormat format)
    : Scenario($"too-little-memory-{memoryMiB}-{format.ToString().ToLowerInvariant()}", $"{memoryMiB} MiB are too little: message on COM1 and screen")
{
    private const string Word = "memory";

    /// <inheritdoc/>
    public override IReadOnlyList<ImageFormat> Formats => [format];

    /// <inheritdoc/>
    public override async Task RunAsync(ScenarioContext context, CancellationToken cancellationToken)
    {
        var guest = await context.BootAsync(
            new MachineSpec
            {
                Name = Name,
                Boot = await context.Media.GetAsync(format, cancellationToken).ConfigureAwait(false),
                MemoryMiB = memoryMiB,
                DebugExit = true,
                Append = "guestos.exit=halt",
            },
            cancellationToken).ConfigureAwait(false);
        await context.WaitForTextAsync(guest, Word, 0, cancellationToken).ConfigureAwait(false);
        ScenarioContext.CheckEqual(0, guest.Events.Of("ready").Count, "events ready");
        var picture = context.File("screen.png");
        ScenarioContext.Check(
            await guest.TryScreenshotAsync(picture, cancellationToken).ConfigureAwait(false),
            "the machine ended, nobody could have read its screen");
        ScenarioContext.Check(new FileInfo(picture).Length > BlankScreen.LargestPng, "the screen is blank");
    }
}
