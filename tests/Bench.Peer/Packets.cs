using System.Runtime.InteropServices;

namespace GuestOS.Bench.Peer;

/// <summary>The system calls for raw Ethernet frames (packet(7), recvmmsg(2), sendmmsg(2)).</summary>
internal static unsafe partial class Packets
{
    /// <summary>AF_PACKET, SOCK_RAW (linux/socket.h, linux/net.h).</summary>
    public const int Family = 17;
    public const int Raw = 3;

    /// <summary>SOL_SOCKET with SO_RCVTIMEO, SO_SNDBUFFORCE and SO_RCVBUFFORCE (asm-generic/socket.h).</summary>
    public const int SocketLevel = 1;
    public const int ReceiveTimeout = 20;
    public const int SendBufferForce = 32;
    public const int ReceiveBufferForce = 33;

    /// <summary>MSG_WAITFORONE (linux/socket.h): waits for the first frame, and takes what else is there.</summary>
    public const int WaitForOne = 0x10000;

    /// <summary>EAGAIN: the time to receive is over; EINTR.</summary>
    public const int TryAgain = 11;
    public const int Interrupted = 4;

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    public static partial int Open(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    public static partial int Bind(int socket, PacketAddress* address, int length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int SetOption(int socket, int level, int option, void* value, int length);

    [LibraryImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    public static partial int Receive(int socket, Message* messages, uint count, int flags, void* timeout);

    [LibraryImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    public static partial int Send(int socket, Message* messages, uint count, int flags);
}

/// <summary>struct sockaddr_ll, 20 bytes (linux/if_packet.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PacketAddress
{
    public ushort Family;

    /// <summary>Big-endian.</summary>
    public ushort Protocol;
    public int Interface;
    public ushort HardwareType;
    public byte PacketType;
    public byte AddressLength;
    public ulong Address;
}

/// <summary>struct iovec.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Piece
{
    public ulong Address;
    public ulong Length;
}

/// <summary>struct mmsghdr, 64 bytes: a struct msghdr of 56 and the length that was received or sent.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Message
{
    public ulong Name;
    public ulong NameLength;
    public ulong Pieces;
    public ulong PieceCount;
    public ulong Control;
    public ulong ControlLength;
    public ulong Flags;
    public uint Length;
    public uint Reserved;
}
