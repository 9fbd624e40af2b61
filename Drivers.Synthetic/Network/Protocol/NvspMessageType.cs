namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>Type of an NVSP message (Linux drivers/net/hyperv/hyperv_net.h).</summary>
public enum NvspMessageType : uint
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Guest: the versions that it speaks.</summary>
    Init = 1,

    /// <summary>Host: whether it speaks them too.</summary>
    InitComplete = 2,

    /// <summary>Guest: version of NDIS.</summary>
    NdisVersion = 100,

    /// <summary>Guest: where received messages go.</summary>
    ReceiveBuffer = 101,

    /// <summary>Host: how that buffer is divided.</summary>
    ReceiveBufferComplete = 102,

    /// <summary>Guest: the host shall stop using the receive buffer.</summary>
    RevokeReceiveBuffer = 103,

    /// <summary>Guest: where messages that are sent lie.</summary>
    SendBuffer = 104,

    /// <summary>Host: size of its sections.</summary>
    SendBufferComplete = 105,

    /// <summary>Guest: the host shall stop using the send buffer.</summary>
    RevokeSendBuffer = 106,

    /// <summary>Both: an RNDIS message.</summary>
    RndisPacket = 107,

    /// <summary>Both: the RNDIS message was taken.</summary>
    RndisPacketComplete = 108,

    /// <summary>Guest, from version 2 on: MTU and capabilities.</summary>
    NdisConfig = 125,

    /// <summary>Host, from version 4 on: a virtual function belongs to the adapter.</summary>
    VirtualFunctionAssociation = 128,

    /// <summary>From version 4 on: frames go through the virtual function, or not.</summary>
    SwitchDataPath = 129,

    /// <summary>From version 5 on: asks for subchannels; the answer has the same number.</summary>
    Subchannel = 133,

    /// <summary>Host, from version 5 on: which channel takes which hash.</summary>
    SendIndirectionTable = 134,
}
