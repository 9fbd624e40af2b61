namespace GuestOS.Drivers.Synthetic.Network.Protocol;

/// <summary>An 802.1Q tag, as packet information: its fields in another order than on the wire.</summary>
/// <param name="Value">Bits 2:0 priority, 3 canonical format indicator, 15:4 VLAN id.</param>
public readonly record struct VlanInfo(uint Value)
{
    /// <summary>Tag control information as in the frame: 15:13 priority, 12 CFI, 11:0 VLAN id.</summary>
    public ushort Tag => (ushort)(((Value & 7) << 13) | (((Value >> 3) & 1) << 12) | ((Value >> 4) & 0xFFF));

    /// <summary>From tag control information as in the frame.</summary>
    public static VlanInfo Of(ushort tag) => new(((uint)tag >> 13) | ((((uint)tag >> 12) & 1) << 3) | (((uint)tag & 0xFFF) << 4));
}
