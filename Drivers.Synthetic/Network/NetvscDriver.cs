using GuestOS.Drivers.VmBus.Offers;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Machine.Drivers;

namespace GuestOS.Drivers.Synthetic.Network;

/// <summary>Hyper-V's synthetic network adapter.</summary>
public sealed class NetvscDriver : IDriver
{
    private readonly DeviceNumbers _numbers = new();

    /// <inheritdoc/>
    public string Name => "netvsc";

    /// <inheritdoc/>
    public IReadOnlyList<DeviceMatch> Matches { get; } = [new VmBusClassMatch(ClassIds.Network)];

    /// <inheritdoc/>
    public IReadOnlyList<ResourceRequest> DeclareResources(BusDevice device) => [];

    /// <inheritdoc/>
    public IDriverInstance Create(DriverContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new NetvscController(context, (VmBusDevice)context.Device, _numbers);
    }
}
