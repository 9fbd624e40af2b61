using System.Runtime.InteropServices;

namespace GuestOS.Drivers.VmBus.Protocol.Messages;

/// <summary>INITIATE_CONTACT, 40 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct InitiateContact
{
    /// <summary>0.</summary>
    public MessageHeader Header;

    /// <summary>8: the version that is asked for.</summary>
    public VmBusVersion Version;

    /// <summary>12: where messages to the guest go.</summary>
    public VpIndex TargetVp;

    /// <summary>16: below 5.0 the address of the interrupt page; from 5.0 on see <see cref="PackTarget"/>.</summary>
    public ulong Target;

    /// <summary>24: address of the monitor page parent to child; both or neither.</summary>
    public ulong ParentToChildMonitor;

    /// <summary>32: address of the monitor page child to parent.</summary>
    public ulong ChildToParentMonitor;

    /// <summary><see cref="Target"/> from 5.0 on: SINT at 16, virtual trust level at 17 (5.1), wanted features at 20 (6.0).</summary>
    public static ulong PackTarget(Sint sint, byte trustLevel, FeatureFlags wanted) => sint.Value | ((ulong)trustLevel << 8) | ((ulong)wanted << 32);
}
