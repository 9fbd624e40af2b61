using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Storage.Protocol;

/// <summary>Answer to FCHBA_DATA, the first 48 of 64 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public struct FibreChannelPacket
{
    /// <summary>0.</summary>
    public StorageHeader Header;

    /// <summary>12: the primary names are the active ones.</summary>
    public byte PrimaryActive;

    /// <summary>13: zero.</summary>
    public byte Reserved0;

    /// <summary>14: zero.</summary>
    public ushort Reserved1;

    /// <summary>16: opaque.</summary>
    public ulong PrimaryPortName;

    /// <summary>24: opaque.</summary>
    public ulong PrimaryNodeName;

    /// <summary>32: opaque.</summary>
    public ulong SecondaryPortName;

    /// <summary>40: opaque.</summary>
    public ulong SecondaryNodeName;
}
