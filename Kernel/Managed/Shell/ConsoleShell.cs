using GuestOS.Kernel.Shell.Commands;

namespace GuestOS.Kernel.Shell;

/// <summary>The console: reads lines, and runs the command that each begins with.</summary>
internal sealed class ConsoleShell
{
    private const string Prompt = "guestos> ";

    private readonly KernelSystem _system;
    private readonly ConsoleInput _input;
    private readonly ConsoleOutput _output;
    private readonly SortedDictionary<string, ICommand> _commands = new(StringComparer.Ordinal);

    public ConsoleShell(KernelSystem system)
    {
        _system = system;
        _input = new ConsoleInput(system.Machine.Terminal);
        _output = new ConsoleOutput(system.Machine.Terminal);
        foreach (ICommand command in CommandList.Create(_commands.Values))
            _commands.Add(command.Name, command);
    }

    /// <summary>Runs until the input ends.</summary>
    public async Task RunAsync()
    {
        _input.Start();
        var editor = new LineEditor(_input, _output, Complete);
        _output.WriteLine("Type help for a list of commands.");
        while (await editor.ReadAsync(Prompt).ConfigureAwait(false) is { } line)
            await ExecuteAsync(line).ConfigureAwait(false);
    }

    /// <summary>Runs one line.</summary>
    public async Task ExecuteAsync(string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (words.Length == 0)
            return;
        if (!_commands.TryGetValue(words[0], out ICommand? command))
        {
            _output.WriteLine($"There is no command '{words[0]}'. Type help for a list.");
            return;
        }

        using var cancellation = new CancellationTokenSource();
        _input.SetCommand(cancellation);
        try
        {
            await command.ExecuteAsync(new CommandContext(_system, _output, words[1..], cancellation.Token)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            _output.WriteLine("^C");
        }
        catch (CommandException exception)
        {
            _output.WriteLine($"{command.Name}: {exception.Message}");
        }
        catch (Exception exception)
        {
            _output.WriteLine($"{command.Name} failed: {exception}");
        }
        finally
        {
            _input.SetCommand(null);
        }
    }

    /// <summary>Completions of the last word of a text: commands for the first word, what the command says for others.</summary>
    public IReadOnlyList<string> Complete(string text)
    {
        int start = text.LastIndexOf(' ') + 1;
        string word = text[start..];
        string[] before = text[..start].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        IEnumerable<string> words = before.Length == 0 ? _commands.Keys
            : _commands.TryGetValue(before[0], out ICommand? command) ? command.Complete(_system, word)
            : [];
        return [.. words.Where(candidate => candidate.StartsWith(word, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
    }
}
