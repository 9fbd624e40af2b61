namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>Numbers of NVSP.</summary>
public static class NvspConstants
{
    /// <summary>Bytes of every message of a guest but the completion, zero-padded (the host's own are 28 below version 6.1).</summary>
    public const int MessageSize = 40;

    /// <summary>Bytes of a completion of <see cref="NvspMessageType.RndisPacket"/>.</summary>
    public const int CompletionSize = 8;

    /// <summary>Id of the receive buffer, also the transfer page set.</summary>
    public const ushort ReceiveBufferId = 0xCAFE;

    /// <summary>Id of the send buffer.</summary>
    public const ushort SendBufferId = 0;

    /// <summary>No section of the send buffer.</summary>
    public const uint NoSection = 0xFFFF_FFFF;

    /// <summary>Entries of the send indirection table.</summary>
    public const int SendTableEntries = 16;

    /// <summary>Where hosts up to version 6.0 put that table, whatever its offset says.</summary>
    public const int OldSendTableOffset = 40;

    /// <summary>Most ranges in a transfer page packet (NDIS 6.30 with coalescing; 375 without, 64 below NDIS 6).</summary>
    public const int MostRanges = 562;

    /// <summary>Asks for subchannels: the only operation.</summary>
    public const uint AllocateSubchannels = 1;
}
