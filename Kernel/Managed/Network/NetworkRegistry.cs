using System.Diagnostics.CodeAnalysis;
using GuestOS.Machine.Network;

namespace GuestOS.Kernel.Network;

/// <summary>All network interfaces of the machine by name.</summary>
internal sealed class NetworkRegistry
{
    private readonly Lock _lock = new();
    private readonly List<NetworkEntry> _entries = [];

    /// <summary>An interface was added. Called outside the lock, on the publisher's thread.</summary>
    public event Action<NetworkEntry>? Added;

    /// <summary>An interface was removed.</summary>
    public event Action<NetworkEntry>? Removed;

    /// <summary>A snapshot in the order of publication.</summary>
    public IReadOnlyList<NetworkEntry> Entries
    {
        get
        {
            lock (_lock)
                return [.. _entries];
        }
    }

    /// <summary>Adds a driver's interface.</summary>
    /// <exception cref="InvalidOperationException">The name is taken, or the address is no station's.</exception>
    public void Add(INetworkDevice device, string driver)
    {
        if (!device.Address.IsStation)
            throw new InvalidOperationException($"{device.Name}: {device.Address} is not the address of a station.");
        var entry = new NetworkEntry(device, driver);
        lock (_lock)
        {
            if (_entries.Exists(other => other.Name == device.Name))
                throw new InvalidOperationException($"There is a network interface named {device.Name} already.");
            _entries.Add(entry);
        }

        Added?.Invoke(entry);
    }

    /// <summary>Removes a driver's interface; does nothing when it is not there.</summary>
    public void Remove(INetworkDevice device)
    {
        NetworkEntry? entry;
        lock (_lock)
        {
            entry = _entries.Find(other => ReferenceEquals(other.Device, device));
            if (entry is null)
                return;
            _entries.Remove(entry);
        }

        Removed?.Invoke(entry);
    }

    /// <summary>Finds an interface by its exact name.</summary>
    public bool TryFind(string name, [NotNullWhen(true)] out NetworkEntry? entry)
    {
        lock (_lock)
            entry = _entries.Find(other => other.Name == name);
        return entry is not null;
    }
}
