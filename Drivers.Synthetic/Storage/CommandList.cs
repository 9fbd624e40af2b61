namespace GuestOS.Drivers.Synthetic.Storage;

/// <summary>Commands in a row, linked through themselves: a command is in one list at most. Not thread-safe: its owner locks.</summary>
internal sealed class CommandList
{
    private StorageCommand? _last;

    public StorageCommand? First { get; private set; }

    public bool IsEmpty => First is null;

    public int Count { get; private set; }

    public void Add(StorageCommand command)
    {
        command.Previous = _last;
        command.Next = null;
        if (_last is null)
            First = command;
        else
            _last.Next = command;
        _last = command;
        Count++;
    }

    public void AddFirst(StorageCommand command)
    {
        command.Previous = null;
        command.Next = First;
        if (First is null)
            _last = command;
        else
            First.Previous = command;
        First = command;
        Count++;
    }

    /// <summary>The command is in this list.</summary>
    public void Remove(StorageCommand command)
    {
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
        Count--;
    }

    /// <summary>Looks for the command, and removes it.</summary>
    public bool TryRemove(StorageCommand command)
    {
        for (var current = First; current is not null; current = current.Next)
        {
            if (!ReferenceEquals(current, command))
                continue;
            Remove(command);
            return true;
        }

        return false;
    }

    public StorageCommand? Take()
    {
        var first = First;
        if (first is not null)
            Remove(first);
        return first;
    }
}
