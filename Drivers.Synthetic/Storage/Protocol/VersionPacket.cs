using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Storage.Protocol;

/// <summary>QUERY_PROTOCOL_VERSION, the first 16 of 64 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct VersionPacket
{
    /// <summary>0.</summary>
    public StorageHeader Header;

    /// <summary>12.</summary>
    public StorageVersion Version;

    /// <summary>14: zero.</summary>
    public ushort Revision;
}
