using System.Runtime.InteropServices;

namespace GuestOS.Drivers.Synthetic.Storage.Protocol;

/// <summary>Head of every storage packet, 12 bytes; up to 52 bytes of payload follow.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct StorageHeader
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 12;

    /// <summary>Bytes of a packet from 5.1 on, and of every packet of the set-up.</summary>
    public const int PacketSize = 64;

    /// <summary>Bytes of a packet before 5.1.</summary>
    public const int OldPacketSize = 48;

    /// <summary>0.</summary>
    public StorageOperation Operation;

    /// <summary>4.</summary>
    public StorageFlags Flags;

    /// <summary>8: of an answer.</summary>
    public NtStatus Status;
}
