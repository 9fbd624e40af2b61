namespace GuestOS.Sandbox.Network;

/// <summary>A frame on a switch.</summary>
/// <param name="Data">Ethernet, without tag and check sequence.</param>
public sealed record SwitchFrame(byte[] Data)
{
    /// <summary>Tag control information of its 802.1Q tag; null when it has none.</summary>
    public ushort? Vlan { get; init; }

    /// <summary>Its checksums are known to be right, for its sender computed them here.</summary>
    public bool IsVerified { get; init; }

    /// <summary>Destination.</summary>
    public ulong Destination => Wire.Address(Data);

    /// <summary>Source.</summary>
    public ulong Source => Wire.Address(Data.AsSpan(6));
}
