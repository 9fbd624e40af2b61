using GuestOS.Drivers.VmBus.Protocol;

namespace GuestOS.Drivers.VmBus.Connections;

/// <summary>The state of a connection; the pump changes it.</summary>
internal abstract record ConnectionPhase(VmBusState State)
{
    public sealed record Disconnected() : ConnectionPhase(VmBusState.Disconnected);

    /// <summary>Waits for VERSION_RESPONSE.</summary>
    public sealed record Negotiating(ContactOperation Operation, int Index, VmBusVersion Version, Deadline Deadline) : ConnectionPhase(VmBusState.Negotiating);

    /// <summary>Waits for ALLOFFERS_DELIVERED.</summary>
    public sealed record ReceivingOffers(ContactOperation Operation, Deadline Deadline) : ConnectionPhase(VmBusState.ReceivingOffers);

    public sealed record Connected() : ConnectionPhase(VmBusState.Connected);

    /// <summary>Waits for all channels to be closed.</summary>
    public sealed record ClosingChannels(DisconnectOperation Operation, Deadline Deadline) : ConnectionPhase(VmBusState.Unloading);

    /// <summary>Waits for UNLOAD_RESPONSE.</summary>
    public sealed record AwaitingUnload(DisconnectOperation Operation, Deadline Deadline) : ConnectionPhase(VmBusState.Unloading);

    public sealed record Suspended() : ConnectionPhase(VmBusState.Suspended);
}
