namespace GuestOS.Kernel.Shell.Commands;

/// <summary>Lists the commands.</summary>
internal sealed class HelpCommand : ICommand
{
    private readonly IEnumerable<ICommand> _commands;

    public HelpCommand(IEnumerable<ICommand> commands) => _commands = commands;

    public string Name => "help";

    public string Summary => "lists the commands";

    public ValueTask ExecuteAsync(CommandContext context)
    {
        context.Output.WriteTable(
            ["COMMAND", "DOES"],
            _commands.Select(command => new[] { $"{command.Name} {command.Arguments}".TrimEnd(), command.Summary }));
        return ValueTask.CompletedTask;
    }
}
