using System.Runtime.InteropServices;

namespace GuestOS.Drivers.VmBus.Protocol.Messages;

/// <summary>VERSION_RESPONSE, 16 bytes. QEMU fills 10 of them.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct VersionResponse
{
    /// <summary>Bytes that answer a request below 5.0.</summary>
    public const int ShortestOld = 10;

    /// <summary>0.</summary>
    public MessageHeader Header;

    /// <summary>8: 1 when the version is supported.</summary>
    public byte Supported;

    /// <summary>9.</summary>
    public ConnectionState State;

    /// <summary>10: zero.</summary>
    public ushort Reserved;

    /// <summary>12: from 5.0 on, where messages go from now on; no meaning before.</summary>
    public ConnectionId MessageConnection;
}
