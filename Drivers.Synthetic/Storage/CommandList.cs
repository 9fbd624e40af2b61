namespace GuestOS.Drivers.Synthetic.Storage;

/// <summary>
/// Commands in a row, linked through themselves: a command is in one list at most, and that is its state. Not thread-safe: its owner locks.
/// </summary>
internal sealed class CommandList
{
    private StorageCommand? _last;

    /// <param name="state">What its commands are.</param>
    public CommandList(CommandState state) => State = state;

    public CommandState State { get; }

    public StorageCommand? First { get; private set; }

    public bool IsEmpty => First is null;

    public int Count { get; private set; }

    /// <exception cref="InvalidOperationException">The command is in a list.</exception>
    public void Add(StorageCommand command)
    {
        Own(command);
        command.Previous = _last;
        if (_last is null)
            First = command;
        else
            _last.Next = command;
        _last = command;
    }

    /// <exception cref="InvalidOperationException">The command is in a list.</exception>
    public void AddFirst(StorageCommand command)
    {
        Own(command);
        command.Next = First;
        if (First is null)
            _last = command;
        else
            First.Previous = command;
        First = command;
    }

    /// <exception cref="InvalidOperationException">The command is not in this list.</exception>
    public void Remove(StorageCommand command)
    {
        if (!TryRemove(command))
            throw new InvalidOperationException($"A command that is {command.State} was looked for among those that are {State}.");
    }

    /// <summary>Removes the command if it is in this list.</summary>
    public bool TryRemove(StorageCommand command)
    {
        // Only under the lock of this list's owner does a command come into it or leave it, whoever may change the field otherwise.
        if (!ReferenceEquals(command.List, this))
            return false;
        if (command.Previous is null)
            First = command.Next;
        else
            command.Previous.Next = command.Next;
        if (command.Next is null)
            _last = command.Previous;
        else
            command.Next.Previous = command.Previous;
        command.Next = null;
        command.Previous = null;
        command.List = null;
        Count--;
        return true;
    }

    public StorageCommand? Take()
    {
        var first = First;
        if (first is not null)
            Remove(first);
        return first;
    }

    private void Own(StorageCommand command)
    {
        if (command.List is { } other)
            throw new InvalidOperationException($"A command that is {other.State} cannot be {State} as well.");
        command.List = this;
        Count++;
    }
}
