using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Storage.Protocol;

/// <summary>Answer to QUERY_PROPERTIES, the first 36 of 64 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public struct PropertiesPacket
{
    /// <summary>0.</summary>
    public StorageHeader Header;

    /// <summary>12: reserved (FreeBSD: protocol version, path, target).</summary>
    public uint Reserved0;

    /// <summary>16: subchannels that the host allows.</summary>
    public ushort MaxChannels;

    /// <summary>18: zero.</summary>
    public ushort Reserved1;

    /// <summary>20.</summary>
    public PropertyFlags Flags;

    /// <summary>24: bytes.</summary>
    public uint MaxTransferBytes;

    /// <summary>28: reserved.</summary>
    public ulong Reserved2;
}
