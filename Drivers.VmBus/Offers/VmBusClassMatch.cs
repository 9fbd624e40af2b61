using GuestOS.Machine.Drivers;

namespace GuestOS.Drivers.VmBus.Offers;

/// <summary>A VMBus device by its class.</summary>
/// <param name="ClassId">Interface type; see <see cref="Protocol.ClassIds"/>.</param>
public sealed record VmBusClassMatch(Guid ClassId) : DeviceMatch
{
    /// <inheritdoc/>
    public override int Score(BusDevice device) =>
        device is VmBusDevice vmbus && vmbus.ClassId == ClassId && !vmbus.IsTransportLayer ? 1 : 0;
}
