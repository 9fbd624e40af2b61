namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>Capabilities of <see cref="NvspNdisConfig"/>.</summary>
[Flags]
public enum NdisCapabilities : ulong
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Queues for virtual machines.</summary>
    Vmq = 1 << 0,

    /// <summary>TCP chimney.</summary>
    Chimney = 1 << 1,

    /// <summary>Virtual functions.</summary>
    Sriov = 1 << 2,

    /// <summary>The 802.1Q tag is in the packet info.</summary>
    Ieee8021Q = 1 << 3,

    /// <summary>Correlation ids.</summary>
    CorrelationId = 1 << 4,

    /// <summary>Teaming; the host tells of the link's speed only with it.</summary>
    Teaming = 1 << 5,

    /// <summary>Virtual subnet ids.</summary>
    VirtualSubnetId = 1 << 6,

    /// <summary>Coalesced receive.</summary>
    ReceiveCoalescing = 1 << 7,
}
