using GuestOS.Machine.Memory;

namespace GuestOS.Kernel.Memory;

/// <summary>The memory balloons of the machine: one, if any, as the memory has one owner.</summary>
internal sealed class BalloonRegistry
{
    private readonly Lock _lock = new();
    private readonly List<IMemoryBalloon> _entries = [];

    /// <summary>A balloon was added. Called outside the lock, on the publisher's thread.</summary>
    public event Action<IMemoryBalloon>? Added;

    /// <summary>A balloon was removed.</summary>
    public event Action<IMemoryBalloon>? Removed;

    /// <summary>A snapshot in the order of publication.</summary>
    public IReadOnlyList<IMemoryBalloon> Entries
    {
        get
        {
            lock (_lock)
                return [.. _entries];
        }
    }

    /// <summary>Adds a driver's balloon.</summary>
    /// <exception cref="InvalidOperationException">The name is taken.</exception>
    public void Add(IMemoryBalloon balloon)
    {
        lock (_lock)
        {
            if (_entries.Exists(other => other.Name == balloon.Name))
                throw new InvalidOperationException($"There is a memory balloon named {balloon.Name} already.");
            _entries.Add(balloon);
        }

        Added?.Invoke(balloon);
    }

    /// <summary>Removes a driver's balloon; does nothing when it is not there.</summary>
    public void Remove(IMemoryBalloon balloon)
    {
        lock (_lock)
        {
            if (!_entries.Remove(balloon))
                return;
        }

        Removed?.Invoke(balloon);
    }
}
