namespace GuestOS.Drivers.VmBus.Protocol.Messages;

/// <summary>Ids of channel messages. H is the host, G the guest.</summary>
public enum MessageType : uint
{
    /// <summary>Not a message.</summary>
    Invalid = 0,

    /// <summary>H to G.</summary>
    OfferChannel = 1,

    /// <summary>H to G.</summary>
    RescindChannelOffer = 2,

    /// <summary>G to H.</summary>
    RequestOffers = 3,

    /// <summary>H to G.</summary>
    AllOffersDelivered = 4,

    /// <summary>G to H.</summary>
    OpenChannel = 5,

    /// <summary>H to G.</summary>
    OpenChannelResult = 6,

    /// <summary>G to H; has no answer.</summary>
    CloseChannel = 7,

    /// <summary>G to H.</summary>
    GpadlHeader = 8,

    /// <summary>G to H.</summary>
    GpadlBody = 9,

    /// <summary>H to G.</summary>
    GpadlCreated = 10,

    /// <summary>G to H.</summary>
    GpadlTeardown = 11,

    /// <summary>H to G.</summary>
    GpadlTorndown = 12,

    /// <summary>G to H.</summary>
    RelIdReleased = 13,

    /// <summary>G to H.</summary>
    InitiateContact = 14,

    /// <summary>H to G.</summary>
    VersionResponse = 15,

    /// <summary>G to H.</summary>
    Unload = 16,

    /// <summary>H to G.</summary>
    UnloadResponse = 17,

    /// <summary>G to H, for firmware.</summary>
    OpenReserved = 18,

    /// <summary>G to H, for firmware.</summary>
    CloseReserved = 19,

    /// <summary>H to G, for firmware.</summary>
    CloseReservedResponse = 20,

    /// <summary>G to H.</summary>
    TlConnectRequest = 21,

    /// <summary>G to H.</summary>
    ModifyChannel = 22,

    /// <summary>H to G.</summary>
    TlConnectResult = 23,

    /// <summary>H to G.</summary>
    ModifyChannelResponse = 24,

    /// <summary>G to H.</summary>
    ModifyConnection = 25,

    /// <summary>H to G.</summary>
    ModifyConnectionResponse = 26,

    /// <summary>G to H.</summary>
    Pause = 27,

    /// <summary>H to G.</summary>
    PauseResponse = 28,

    /// <summary>G to H.</summary>
    Resume = 29,
}
