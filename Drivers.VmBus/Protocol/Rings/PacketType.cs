namespace GuestOS.Drivers.VmBus.Protocol.Rings;

/// <summary>Types of ring packets.</summary>
public enum PacketType : ushort
{
    /// <summary>Not a packet.</summary>
    Invalid = 0,

    /// <summary>Synch.</summary>
    Synch = 1,

    /// <summary>Payload inside of the ring.</summary>
    InBand = 6,

    /// <summary>Payload in ranges of a GPADL buffer that both sides know.</summary>
    TransferPages = 7,

    /// <summary>Payload in a GPADL.</summary>
    Gpadl = 8,

    /// <summary>Payload in pages that the packet names.</summary>
    GpaDirect = 9,

    /// <summary>Cancels a request.</summary>
    Cancel = 10,

    /// <summary>Answers a packet with the same transaction id.</summary>
    Completion = 11,

    /// <summary>Uses additional packets.</summary>
    AdditionalPacket = 12,

    /// <summary>Additional data.</summary>
    AdditionalData = 13,
}
