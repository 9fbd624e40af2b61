using System.Runtime.InteropServices;

namespace GuestOS.Drivers.VmBus.Protocol.Hypervisor;

/// <summary>Payload of <see cref="SynIcMessageType.TimerExpired"/>, 24 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct TimerMessage
{
    /// <summary>0: 0 to 3.</summary>
    public uint Timer;

    /// <summary>4: zero.</summary>
    public uint Reserved;

    /// <summary>8: reference time, 100 ns.</summary>
    public ulong Expiration;

    /// <summary>16: reference time, 100 ns.</summary>
    public ulong Delivery;
}
