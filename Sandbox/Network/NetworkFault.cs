namespace GuestOS.Sandbox.Network;

/// <summary>Messages that no honest host sends (protocol 10.6 and 10.11).</summary>
public enum NetworkFault
{
    /// <summary>An NVSP message of 2 bytes.</summary>
    Short,

    /// <summary>An NVSP type that there is not.</summary>
    UnknownType,

    /// <summary>INIT_COMPLETE again, refusing.</summary>
    InitCompleteAgain,

    /// <summary>Transfer pages of another set.</summary>
    WrongSet,

    /// <summary>Transfer pages with an NVSP message that is not RNDIS_PACKET.</summary>
    WrongMessage,

    /// <summary>Transfer pages without ranges.</summary>
    NoRanges,

    /// <summary>A range beyond the receive buffer.</summary>
    RangeBeyond,

    /// <summary>A range whose end wraps around.</summary>
    RangeWraps,

    /// <summary>A range longer than a sub-allocation.</summary>
    RangeLong,

    /// <summary>A range of 4 bytes.</summary>
    RangeShort,

    /// <summary>A range beyond in front of a good one.</summary>
    RangeMixed,

    /// <summary>An RNDIS message longer than its range.</summary>
    MessageLong,

    /// <summary>An RNDIS message of length 0.</summary>
    MessageZero,

    /// <summary>An RNDIS type that there is not.</summary>
    MessageType,

    /// <summary>A frame with data offset 0xFFFFFFFF.</summary>
    DataOffset,

    /// <summary>A frame with data length 0xFFFFFFFF.</summary>
    DataLength,

    /// <summary>A frame whose data lies in the header.</summary>
    DataInHeader,

    /// <summary>A frame of 13 bytes.</summary>
    Runt,

    /// <summary>Packet info beyond the message.</summary>
    InfoBeyond,

    /// <summary>Packet info whose element has size 0.</summary>
    InfoSizeZero,

    /// <summary>Packet info whose element is larger than the region.</summary>
    InfoSizeBeyond,

    /// <summary>Packet info with data offset 0xFFFFFFFF.</summary>
    InfoDataOffset,

    /// <summary>QUERY_CMPLT for an id that nobody waits for.</summary>
    QueryUnknown,

    /// <summary>QUERY_CMPLT for every id, with info offset 0xFFFFFFFF.</summary>
    QueryOffset,

    /// <summary>SET_CMPLT of 8 bytes.</summary>
    SetShort,

    /// <summary>INDICATE_STATUS with buffer offset 0xFFFFFFFF.</summary>
    StatusOffset,

    /// <summary>INDICATE_STATUS of a link speed without data.</summary>
    StatusEmpty,

    /// <summary>INDICATE_STATUS of 12 bytes.</summary>
    StatusShort,

    /// <summary>KEEPALIVE many times.</summary>
    KeepAliveStorm,

    /// <summary>Send indirection table with 0xFFFF entries.</summary>
    TableCount,

    /// <summary>Send indirection table at offset 0xFFFFFFFF.</summary>
    TableOffset,

    /// <summary>Send indirection table that names channels that there are not.</summary>
    TableEntries,

    /// <summary>VF association of 4 bytes.</summary>
    VirtualFunctionShort,

    /// <summary>A completion for an id that is not in use.</summary>
    CompletionUnknown,

    /// <summary>A completion for id 0.</summary>
    CompletionZero,

    /// <summary>A frame whose sub-allocation is overwritten after it was announced.</summary>
    ContentChanges,

    /// <summary>Four times as many ranges in one packet as there may be.</summary>
    ManyRanges,

    /// <summary>RESET_CMPLT that nobody asked for.</summary>
    ResetComplete,
}
