namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>What an RNDIS message in <see cref="NvspRndisPacket"/> is.</summary>
public enum NvspChannelType : uint
{
    /// <summary>A frame.</summary>
    Data = 0,

    /// <summary>Anything else.</summary>
    Control = 1,
}
