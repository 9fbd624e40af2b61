using GuestOS.Boot.Build;
using Spectre.Console;

namespace GuestOS.Boot.Commands;

/// <summary>Runs a command's body and turns the failures that a user can act on into a message and an exit code.</summary>
internal static class Shell
{
    /// <summary>Exit code of a command that failed.</summary>
    public const int Failure = 1;

    /// <summary>Exit code of a command that was interrupted, as shells have it for SIGINT.</summary>
    public const int Interrupted = 130;

    private const int WidthOfLogs = 160;

    /// <summary>Runs a body.</summary>
    /// <param name="body">The command.</param>
    /// <returns>Its exit code, or <see cref="Failure"/> or <see cref="Interrupted"/>.</returns>
    public static async Task<int> RunAsync(Func<Toolbox, Task<int>> body)
    {
        var console = CreateConsole();
        try
        {
            return await body(new Toolbox(Repository.Find(), console)).ConfigureAwait(false);
        }
        catch (ToolException e)
        {
            await Console.Error.WriteLineAsync("error: " + e.Message).ConfigureAwait(false);
            return Failure;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("interrupted").ConfigureAwait(false);
            return Interrupted;
        }
    }

    /// <summary>A console for people, or plain text in wide lines when the output goes to a file or a pipe.</summary>
    private static IAnsiConsole CreateConsole()
    {
        if (!Console.IsOutputRedirected)
            return AnsiConsole.Console;
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Interactive = InteractionSupport.No });
        console.Profile.Width = WidthOfLogs;
        return console;
    }
}
