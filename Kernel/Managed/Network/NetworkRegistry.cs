using System.Diagnostics.CodeAnalysis;
using GuestOS.Kernel.Handoff;
using GuestOS.Kernel.Network.Paths;
using GuestOS.Machine;
using GuestOS.Machine.Network;

namespace GuestOS.Kernel.Network;

/// <summary>All network interfaces of the machine by name. Devices with one address (<see cref="INetworkPath"/>) are one of them.</summary>
internal sealed class NetworkRegistry
{
    private readonly Lock _lock = new();
    private readonly List<NetworkEntry> _entries = [];
    private readonly IDmaMemory? _dma;
    private readonly TimeProvider _clock;

    /// <param name="dma">Memory for the frames of interfaces that may change over to another device; null: none changes over.</param>
    /// <param name="clock">Time; null for the system's.</param>
    public NetworkRegistry(IDmaMemory? dma = null, TimeProvider? clock = null)
    {
        _dma = dma;
        _clock = clock ?? TimeProvider.System;
    }

    /// <summary>An interface was added. Called outside the lock, on the publisher's thread.</summary>
    public event Action<NetworkEntry>? Added;

    /// <summary>An interface was removed.</summary>
    public event Action<NetworkEntry>? Removed;

    /// <summary>An interface is reached by another device now, or could not be.</summary>
    public event Action<HandoffReport>? HandedOff;

    /// <summary>A snapshot in the order of publication.</summary>
    public IReadOnlyList<NetworkEntry> Entries
    {
        get
        {
            lock (_lock)
                return [.. _entries];
        }
    }

    /// <summary>Adds a driver's interface, or the way that it is to one that is known already.</summary>
    /// <exception cref="InvalidOperationException">The name is taken, or the address is no station's.</exception>
    public void Add(INetworkDevice device, string driver)
    {
        if (!device.Address.IsStation)
            throw new InvalidOperationException($"{device.Name}: {device.Address} is not the address of a station.");
        var path = device as INetworkPath;
        NetworkEntry? entry;
        bool isKnown;
        lock (_lock)
        {
            if (_entries.Exists(other => other.Name == device.Name))
                throw new InvalidOperationException($"There is a network interface named {device.Name} already.");
            entry = path is null ? null : _entries.Find(other => other.Paths is not null && other.Device.Address == device.Address);
            isKnown = entry is not null;
            if (entry is null)
            {
                MultipathNic? paths = path is null || _dma is null ? null : new MultipathNic(path, driver, _dma, _clock, report => HandedOff?.Invoke(report));
                entry = new NetworkEntry(paths ?? device, paths, driver);
                _entries.Add(entry);
            }
        }

        if (isKnown)
            entry.Paths!.AddPath(path!, driver);
        else
            Added?.Invoke(entry);
    }

    /// <summary>Removes a driver's interface; does nothing when it is not there. One that another device serves too stays.</summary>
    public void Remove(INetworkDevice device)
    {
        NetworkEntry? entry;
        lock (_lock)
            entry = _entries.Find(other => other.Paths?.HasPath(device) ?? ReferenceEquals(other.Device, device));
        if (entry is null || entry.Paths?.RemovePath(device) == true)
            return;
        lock (_lock)
        {
            if (!_entries.Remove(entry))
                return;
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
