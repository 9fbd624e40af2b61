using GuestOS.Machine.Drivers;

namespace GuestOS.Drivers.Synthetic.Tests;

/// <summary>A driver whose instances are made for the devices that are offered, and then left to the test: nobody else calls their verbs.</summary>
internal sealed class UndrivenDriver(IDriver driver) : IDriver
{
    /// <summary>The instance that was made last.</summary>
    public IDriverInstance Instance { get; private set; } = null!;

    /// <summary>What that instance may touch.</summary>
    public DriverContext Context { get; private set; } = null!;

    public string Name => driver.Name;

    public IReadOnlyList<DeviceMatch> Matches => driver.Matches;

    public IReadOnlyList<ResourceRequest> DeclareResources(BusDevice device) => driver.DeclareResources(device);

    public IDriverInstance Create(DriverContext context)
    {
        Context = context;
        Instance = driver.Create(context);
        return new Still();
    }

    private sealed class Still : IDriverInstance
    {
        public ValueTask<string?> ProbeAsync(CancellationToken cancellationToken) => new((string?)null);

        public ValueTask AttachAsync(CancellationToken cancellationToken) => default;

        public ValueTask StartAsync(CancellationToken cancellationToken) => default;

        public ValueTask SuspendAsync(CancellationToken cancellationToken) => default;

        public ValueTask ResumeAsync(CancellationToken cancellationToken) => default;

        public ValueTask DetachAsync(CancellationToken cancellationToken) => default;
    }
}
