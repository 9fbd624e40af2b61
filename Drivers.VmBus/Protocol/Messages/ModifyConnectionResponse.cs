using System.Runtime.InteropServices;

namespace GuestOS.Drivers.VmBus.Protocol.Messages;

/// <summary>MODIFY_CONNECTION_RESPONSE, 9 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct ModifyConnectionResponse
{
    /// <summary>0.</summary>
    public MessageHeader Header;

    /// <summary>8.</summary>
    public ConnectionState State;
}
