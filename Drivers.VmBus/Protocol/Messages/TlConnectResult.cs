using System.Runtime.InteropServices;

namespace GuestOS.Drivers.VmBus.Protocol.Messages;

/// <summary>TL_CONNECT_RESULT, 44 bytes; sent on failure only.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct TlConnectResult
{
    /// <summary>0.</summary>
    public MessageHeader Header;

    /// <summary>8.</summary>
    public Guid Endpoint;

    /// <summary>24.</summary>
    public Guid Service;

    /// <summary>40.</summary>
    public uint Status;
}
