using GuestOS.Kernel.Block;
using GuestOS.Kernel.Memory;
using GuestOS.Kernel.Network;
using GuestOS.Machine;
using GuestOS.Machine.Block;
using GuestOS.Machine.Drivers;
using GuestOS.Machine.Memory;
using GuestOS.Machine.Network;

namespace GuestOS.Kernel.Drivers;

/// <summary>A device and what became of it. Changed only by <see cref="DriverManager"/>, under the device's own gate.</summary>
#pragma warning disable CA1001 // A token source without a timer holds nothing that must be freed.
internal sealed class BoundDevice : IPublications
#pragma warning restore CA1001
{
    private readonly BlockRegistry _registry;
    private readonly NetworkRegistry _networks;
    private readonly BalloonRegistry _balloons;
    private readonly Lock _lock = new();
    private readonly List<IBlockDevice> _published = [];
    private readonly List<INetworkDevice> _publishedNics = [];
    private readonly List<IMemoryBalloon> _publishedBalloons = [];
    private readonly CancellationTokenSource _gone = new();
    private bool _isClosed;

    public BoundDevice(BusDevice device, BlockRegistry registry, NetworkRegistry networks, BalloonRegistry balloons)
    {
        Device = device;
        _registry = registry;
        _networks = networks;
        _balloons = balloons;
    }

    public BusDevice Device { get; }

    public IDriver? Driver { get; set; }

    public IDriverInstance? Instance { get; set; }

    public ResourceGrants? Grants { get; set; }

    public DeviceState State { get; set; }

    /// <summary>Why it failed, or why its driver left it alone.</summary>
    public string? Error { get; set; }

    /// <summary>Cancelled when the bus takes the device back: what its driver is doing is given up.</summary>
    public CancellationToken Gone => _gone.Token;

    /// <summary>One verb at a time.</summary>
    public SemaphoreSlim Gate { get; } = new(1, 1);

    /// <summary>For messages: driver and place.</summary>
    public string Name => $"{Driver?.Name ?? Device.Bus} {Device.Location}";

    /// <summary>Names of what it serves now.</summary>
    public IReadOnlyList<string> Serves
    {
        get
        {
            lock (_lock)
                return [.. _published.ConvertAll(device => device.Name), .. _publishedNics.ConvertAll(device => device.Name), .. _publishedBalloons.ConvertAll(balloon => balloon.Name)];
        }
    }

    /// <summary>The bus takes the device back.</summary>
    public Task MarkGoneAsync() => _gone.CancelAsync();

    public void Publish(IBlockDevice device)
    {
        lock (_lock)
        {
            if (_isClosed)
                throw new InvalidOperationException($"{Name} is detached and cannot publish {device.Name}.");
            _published.Add(device);
        }

        try
        {
            _registry.Add(device, Name);
        }
        catch
        {
            lock (_lock)
                _published.Remove(device);
            throw;
        }
    }

    public void Withdraw(IBlockDevice device)
    {
        lock (_lock)
        {
            if (!_published.Remove(device))
                return;
        }

        _registry.Remove(device);
    }

    public void Publish(INetworkDevice device)
    {
        lock (_lock)
        {
            if (_isClosed)
                throw new InvalidOperationException($"{Name} is detached and cannot publish {device.Name}.");
            _publishedNics.Add(device);
        }

        try
        {
            _networks.Add(device, Name);
        }
        catch
        {
            lock (_lock)
                _publishedNics.Remove(device);
            throw;
        }
    }

    public void Withdraw(INetworkDevice device)
    {
        lock (_lock)
        {
            if (!_publishedNics.Remove(device))
                return;
        }

        _networks.Remove(device);
    }

    public void Publish(IMemoryBalloon balloon)
    {
        lock (_lock)
        {
            if (_isClosed)
                throw new InvalidOperationException($"{Name} is detached and cannot publish {balloon.Name}.");
            _publishedBalloons.Add(balloon);
        }

        try
        {
            _balloons.Add(balloon);
        }
        catch
        {
            lock (_lock)
                _publishedBalloons.Remove(balloon);
            throw;
        }
    }

    public void Withdraw(IMemoryBalloon balloon)
    {
        lock (_lock)
        {
            if (!_publishedBalloons.Remove(balloon))
                return;
        }

        _balloons.Remove(balloon);
    }

    /// <summary>Takes back everything, and lets nothing new in.</summary>
    public void WithdrawAll()
    {
        IBlockDevice[] left;
        INetworkDevice[] leftNics;
        IMemoryBalloon[] leftBalloons;
        lock (_lock)
        {
            _isClosed = true;
            left = [.. _published];
            leftNics = [.. _publishedNics];
            leftBalloons = [.. _publishedBalloons];
            _published.Clear();
            _publishedNics.Clear();
            _publishedBalloons.Clear();
        }

        foreach (IBlockDevice device in left)
            _registry.Remove(device);
        foreach (INetworkDevice device in leftNics)
            _networks.Remove(device);
        foreach (IMemoryBalloon balloon in leftBalloons)
            _balloons.Remove(balloon);
    }

    /// <summary>Lets the next driver instance publish.</summary>
    public void Reopen()
    {
        lock (_lock)
            _isClosed = false;
    }
}
