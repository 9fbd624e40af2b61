using GuestOS.Drivers.VmBus.Offers;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Machine.Drivers;

namespace GuestOS.Drivers.Synthetic.Balloon;

/// <summary>Hyper-V's dynamic memory: the host takes memory that the machine does not need, gives it back, and adds more.</summary>
public sealed class BalloonDriver : IDriver
{
    private const string MemoryName = "memory";

    /// <inheritdoc/>
    public string Name => "balloon";

    /// <inheritdoc/>
    public IReadOnlyList<DeviceMatch> Matches { get; } = [new VmBusClassMatch(ClassIds.DynamicMemory)];

    /// <inheritdoc/>
    public IReadOnlyList<ResourceRequest> DeclareResources(BusDevice device) => [new DynamicMemoryRequest(MemoryName)];

    /// <inheritdoc/>
    public IDriverInstance Create(DriverContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var memory = context.DynamicMemory ?? throw new ArgumentException("The machine's memory was not granted.", nameof(context));
        return new BalloonController(context, (VmBusDevice)context.Device, memory, BalloonOptions.Parse(context.Options));
    }
}
