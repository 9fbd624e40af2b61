namespace GuestOS.Drivers.VmBus.Connections;

/// <summary>Where a connection stands.</summary>
public enum VmBusState
{
    /// <summary>No contact yet, or none any more.</summary>
    Disconnected,

    /// <summary>A version is being negotiated.</summary>
    Negotiating,

    /// <summary>Connected; the host is delivering its offers.</summary>
    ReceivingOffers,

    /// <summary>Connected.</summary>
    Connected,

    /// <summary>Waits for the answer to UNLOAD.</summary>
    Unloading,

    /// <summary>Disconnected for a while; channels wait to be offered again.</summary>
    Suspended,
}
