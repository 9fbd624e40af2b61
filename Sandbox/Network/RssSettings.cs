namespace GuestOS.Sandbox.Network;

/// <summary>How the guest wants received frames spread.</summary>
/// <param name="Flags">Flags.</param>
/// <param name="HashInformation">Hash function and types.</param>
/// <param name="Table">Channel of each entry.</param>
/// <param name="Key">40 bytes.</param>
public sealed record RssSettings(ushort Flags, uint HashInformation, IReadOnlyList<uint> Table, byte[] Key)
{
    /// <summary>It is off.</summary>
    public bool IsDisabled => (Flags & 0x10) != 0;
}
