using System.Runtime.InteropServices;

namespace GuestOS.Drivers.VmBus.Protocol.Messages;

/// <summary>OPENCHANNEL of 6.0 with <see cref="FeatureFlags.GuestSignalParameters"/>, 156 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct OpenChannelWithSignal
{
    /// <summary>0.</summary>
    public OpenChannel Open;

    /// <summary>148: what the host shall signal.</summary>
    public ConnectionId Connection;

    /// <summary>152.</summary>
    public ushort EventFlag;

    /// <summary>154: bit 0 redirects the interrupt.</summary>
    public ushort Flags;
}
