using GuestOS.Boot.Hosts;
using GuestOS.Boot.Images;

namespace GuestOS.Boot.Smoke.Scenarios;

/// <summary>Too little memory: kernel or boot loader says so on COM1 and on the screen, and stops.</summary>
/// <param name="memoryMiB">The memory.</param>
/// <param name="format">The medium. An ELF that is booted directly has no screen: then COM1 alone counts.</param>
/// <param name="lastWords">The end of what is written.</param>
internal sealed class LittleMemoryScenario(int memoryMiB, ImageFormat format, string lastWords)
    : Scenario(
        $"too-little-memory-{memoryMiB}-{format.ToString().ToLowerInvariant()}",
        $"{memoryMiB} MiB are too little: message on COM1{(format == ImageFormat.Elf ? "" : " and screen")}")
{
    /// <summary>Firmware and kernel write three lines at most before anything is wrong.</summary>
    private const int LeastLines = 4;

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
                Append = "guestos.exit=halt",
            },
            cancellationToken).ConfigureAwait(false);
        await context.WaitForTextAsync(guest, lastWords, 0, cancellationToken).ConfigureAwait(false);
        ScenarioContext.Check(guest.Console.Text.Contains("memory", StringComparison.Ordinal), "COM1 does not tell that memory is what is missing");
        ScenarioContext.CheckEqual(0, guest.Events.Of("ready").Count, "events ready");
        if (format == ImageFormat.Elf)
            return;
        var picture = context.File("screen.ppm");
        ScenarioContext.Check(
            await guest.TryScreenshotAsync(picture, cancellationToken).ConfigureAwait(false),
            "the machine ended, nobody could have read its screen");
        var lines = ScreenText.CountLines(await File.ReadAllBytesAsync(picture, cancellationToken).ConfigureAwait(false));
        ScenarioContext.Check(lines >= LeastLines, $"the screen shows {lines} lines: the message is not among them");
    }
}
