using GuestOS.Drivers.VmBus.Offers;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Machine.Drivers;

namespace GuestOS.Drivers.Synthetic.Storage;

/// <summary>Hyper-V's synthetic storage: SCSI controllers, and accelerators of IDE disks.</summary>
public sealed class StorvscDriver : IDriver
{
    private readonly DeviceNumbers _numbers = new();

    /// <inheritdoc/>
    public string Name => "storvsc";

    /// <inheritdoc/>
    public IReadOnlyList<DeviceMatch> Matches { get; } = [new VmBusClassMatch(ClassIds.Scsi), new VmBusClassMatch(ClassIds.Ide)];

    /// <inheritdoc/>
    public IReadOnlyList<ResourceRequest> DeclareResources(BusDevice device) => [];

    /// <inheritdoc/>
    public IDriverInstance Create(DriverContext context) => new StorvscController(context, _numbers);
}
