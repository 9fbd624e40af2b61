using GuestOS.Drivers.VmBus.Offers;

namespace GuestOS.Drivers.VmBus.Connections;

/// <summary>
/// Who wants to know what the host offers. Calls come one at a time, in the order in which things happened, on a thread of the executor
/// and never on the message pump. They should not block: later ones wait. What they throw is logged.
/// </summary>
public interface IVmBusObserver
{
    /// <summary>A primary channel was offered.</summary>
    void OnOffered(VmBusDevice device);

    /// <summary>
    /// The host has taken the device back. The task that is returned ends when nobody uses it any more: only then is its channel id released
    /// to the host. The next call does not wait for that task.
    /// </summary>
    ValueTask OnRescindedAsync(VmBusDevice device);

    /// <summary>
    /// A channel of the device stopped working without having been rescinded: its ring is broken, or its handler threw. Requests stay
    /// outstanding until the driver, or whoever supervises it, closes the channel; it may then be opened again.
    /// </summary>
    void OnBroken(VmBusDevice device, string reason);
}
