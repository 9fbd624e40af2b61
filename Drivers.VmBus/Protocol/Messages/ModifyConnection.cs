using System.Runtime.InteropServices;

namespace GuestOS.Drivers.VmBus.Protocol.Messages;

/// <summary>MODIFY_CONNECTION, 24 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct ModifyConnection
{
    /// <summary>0.</summary>
    public MessageHeader Header;

    /// <summary>8.</summary>
    public ulong ParentToChildMonitor;

    /// <summary>16.</summary>
    public ulong ChildToParentMonitor;
}
