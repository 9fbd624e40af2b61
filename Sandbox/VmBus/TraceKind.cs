namespace GuestOS.Sandbox.VmBus;

/// <summary>What a trace entry is about.</summary>
public enum TraceKind
{
    /// <summary>A channel message of the guest.</summary>
    MessageFromGuest,

    /// <summary>A channel message to the guest, as it was posted.</summary>
    MessageToGuest,

    /// <summary>A packet of the guest.</summary>
    PacketFromGuest,

    /// <summary>A packet to the guest.</summary>
    PacketToGuest,

    /// <summary>The guest signalled a channel.</summary>
    SignalFromGuest,

    /// <summary>A channel's interrupt.</summary>
    SignalToGuest,

    /// <summary>What the guest did against the protocol.</summary>
    GuestError,

    /// <summary>What the host did against the protocol, on purpose.</summary>
    Fault,

    /// <summary>Something else.</summary>
    Note,
}
