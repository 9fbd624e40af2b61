using System.Runtime.InteropServices;

namespace GuestOS.Drivers.VmBus.Protocol.Messages;

/// <summary>TL_CONNECT_REQUEST: 40 bytes, from 5.2 on 56.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct TlConnectRequest
{
    /// <summary>Bytes below 5.2.</summary>
    public const int ShortSize = 40;

    /// <summary>0.</summary>
    public MessageHeader Header;

    /// <summary>8: of the guest.</summary>
    public Guid Endpoint;

    /// <summary>24: of the host.</summary>
    public Guid Service;

    /// <summary>40: from 5.2 on.</summary>
    public Guid Silo;
}
