namespace GuestOS.Kernel.Shell;

/// <summary>One word that the console knows.</summary>
internal interface ICommand
{
    /// <summary>The word.</summary>
    string Name { get; }

    /// <summary>Its arguments, for <c>help</c>; empty when it has none.</summary>
    string Arguments => "";

    /// <summary>What it does, in a few words.</summary>
    string Summary { get; }

    /// <summary>Does it. An exception is shown as its message.</summary>
    /// <exception cref="CommandException">The arguments are wrong, or it could not be done.</exception>
    ValueTask ExecuteAsync(CommandContext context);

    /// <summary>Words that begin like this and may stand as an argument.</summary>
    IEnumerable<string> Complete(KernelSystem system, string start) => [];
}

/// <summary>What a command works with.</summary>
/// <param name="System">The machine.</param>
/// <param name="Output">Where it writes.</param>
/// <param name="Arguments">The words after its name.</param>
/// <param name="CancellationToken">Ctrl-C.</param>
internal sealed record CommandContext(KernelSystem System, ConsoleOutput Output, IReadOnlyList<string> Arguments, CancellationToken CancellationToken)
{
    /// <summary>The only argument.</summary>
    /// <exception cref="CommandException">There is none, or more than one.</exception>
    public string RequireOne(string what) =>
        Arguments.Count == 1 ? Arguments[0] : throw new CommandException($"Give {what}.");
}

/// <summary>A command cannot be carried out; the message is for the person who typed it.</summary>
internal sealed class CommandException : Exception
{
    public CommandException(string message)
        : base(message)
    {
    }
}
