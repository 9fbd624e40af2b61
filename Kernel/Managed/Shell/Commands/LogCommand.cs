using System.Globalization;

namespace GuestOS.Kernel.Shell.Commands;

/// <summary>Shows the log again.</summary>
internal sealed class LogCommand : ICommand
{
    public string Name => "log";

    public string Arguments => "[lines]";

    public string Summary => "shows the log, or its last lines";

    public ValueTask ExecuteAsync(CommandContext context)
    {
        int most = int.MaxValue;
        if (context.Arguments.Count > 1
            || (context.Arguments.Count == 1 && !int.TryParse(context.Arguments[0], NumberStyles.None, CultureInfo.InvariantCulture, out most)))
        {
            throw new CommandException("Give a number of lines, or nothing.");
        }

        foreach (string line in context.System.Machine.LogHistory.ReadLines().TakeLast(most))
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            context.Output.WriteLine(line);
        }

        return ValueTask.CompletedTask;
    }
}
