using GuestOS.Drivers.VmBus.Offers;
using GuestOS.Machine.Drivers;
using GuestOS.Services.Protocol;

namespace GuestOS.Services.Frame;

/// <summary>Binds one service to the VMBus device of its class. A host offers each service once.</summary>
public sealed class IntegrationDriver : IDriver
{
    private readonly DeviceMatch[] _matches;
    private readonly Lock _gate = new();
    private IntegrationInstance? _instance;
    private ServiceState _state;
    private string? _error;

    /// <param name="service">What it does.</param>
    public IntegrationDriver(IntegrationService service)
    {
        ArgumentNullException.ThrowIfNull(service);
        Service = service;
        _matches = [new VmBusClassMatch(service.ClassId)];
    }

    /// <summary>What it does.</summary>
    public IntegrationService Service { get; }

    /// <inheritdoc/>
    public string Name => Service.Name;

    /// <inheritdoc/>
    public IReadOnlyList<DeviceMatch> Matches => _matches;

    /// <summary>Called for each change of <see cref="ServiceStatus.State"/>, and for each negotiation; on the thread that made it.</summary>
    public Action<ServiceStatus>? Changed { get; set; }

    /// <summary>How it is.</summary>
    public ServiceStatus Status
    {
        get
        {
            lock (_gate)
                return Describe();
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<ResourceRequest> DeclareResources(BusDevice device) => [];

    /// <inheritdoc/>
    public IDriverInstance Create(DriverContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new IntegrationInstance(this, (VmBusDevice)context.Device, context.Log);
    }

    /// <summary>The instance tells of itself; another one that still goes down does not count.</summary>
    internal void Report(IntegrationInstance instance, ServiceState state, string? error = null)
    {
        ServiceStatus status;
        lock (_gate)
        {
            if (state == ServiceState.Started)
                _instance = instance;
            if (_instance != instance)
                return;
            _state = state;
            _error = error;
            status = Describe();
        }

        Changed?.Invoke(status);
    }

    private ServiceStatus Describe() => new(
        Service.Name,
        _state,
        _instance?.Frame.Framework,
        _instance?.Frame.Version,
        _error,
        _instance?.Frame.Requests ?? 0,
        _instance?.Frame.Failed ?? 0,
        _instance?.Frame.Dropped ?? 0,
        Service.Summary);
}
