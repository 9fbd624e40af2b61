namespace GuestOS.Sandbox.Network;

/// <summary>A frame as the guest sent it, before offloads.</summary>
/// <param name="Data">Its bytes.</param>
/// <param name="Channel">Index of the channel.</param>
/// <param name="InSection">Bytes of its message that lay in the send buffer; 0 when all was named by address.</param>
/// <param name="Checksums">Checksum packet info; null when there was none.</param>
/// <param name="LargeSend">Large send packet info; null when there was none.</param>
/// <param name="Vlan">802.1Q packet info; null when there was none.</param>
public sealed record GuestFrame(byte[] Data, int Channel, int InSection, uint? Checksums, uint? LargeSend, uint? Vlan);
