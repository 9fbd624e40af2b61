using GuestOS.Boot.Hosts;
using GuestOS.Boot.Images;

namespace GuestOS.Boot.Consoles;

/// <summary>Keeps what is needed to understand a run that failed.</summary>
internal static class RunArtifacts
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Writes console log, event log, host command line and, of a machine that still runs, its screen and what its processors do.</summary>
    /// <param name="guest">The machine.</param>
    /// <param name="folder">The run's folder; made empty first.</param>
    public static async Task SaveAsync(IGuest guest, string folder)
    {
        Discard(folder);
        Directory.CreateDirectory(folder);
        await AskAsync("screen", cancellation => guest.TryScreenshotAsync(Path.Combine(folder, "screen.png"), cancellation)).ConfigureAwait(false);
        await AskAsync("processors", SaveProcessorsAsync).ConfigureAwait(false);
        await File.WriteAllTextAsync(Path.Combine(folder, "console.log"), guest.Console.Text, System.Text.Encoding.Latin1).ConfigureAwait(false);
        await File.WriteAllLinesAsync(Path.Combine(folder, "events.jsonl"), guest.Events.Snapshot.Select(e => e.Members.GetRawText())).ConfigureAwait(false);
        await File.WriteAllTextAsync(Path.Combine(folder, "command.txt"), guest.CommandLine + "\n").ConfigureAwait(false);

        async Task SaveProcessorsAsync(CancellationToken cancellation)
        {
            if (await ProcessorSnapshot.TryTakeAsync(guest.Monitor, ElfSymbols.TryLoad(guest.Machine.Boot.Symbols), cancellation).ConfigureAwait(false) is { } text)
                await File.WriteAllTextAsync(Path.Combine(folder, "processors.txt"), text, CancellationToken.None).ConfigureAwait(false);
        }

        // A host that is stuck itself must not keep the rest from being saved.
        async Task AskAsync(string what, Func<CancellationToken, Task> ask)
        {
            using var patience = new CancellationTokenSource(Patience);
            try
            {
                await ask(patience.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                await File.WriteAllTextAsync(Path.Combine(folder, what + ".txt"), $"The host did not answer when asked for the {what}.\n", CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Puts the folder of a run that is begun again aside, beside its place.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="attempt">Number of the attempt that failed, from 1.</param>
    public static void Keep(string folder, int attempt)
    {
        var aside = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{folder}-attempt{attempt}");
        Discard(aside);
        Directory.Move(folder, aside);
    }

    /// <summary>Removes what an earlier run of this name left.</summary>
    public static void Discard(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}
