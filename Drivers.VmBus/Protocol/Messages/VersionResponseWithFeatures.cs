using System.Runtime.InteropServices;

namespace GuestOS.Drivers.VmBus.Protocol.Messages;

/// <summary>VERSION_RESPONSE of 6.0: 20 bytes, or 40 with the host's monitor pages.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct VersionResponseWithFeatures
{
    /// <summary>Bytes up to and with <see cref="Features"/>.</summary>
    public const int ShortSize = 20;

    /// <summary>0.</summary>
    public VersionResponse Response;

    /// <summary>16: what is granted.</summary>
    public FeatureFlags Features;

    /// <summary>20: zero.</summary>
    public uint Reserved;

    /// <summary>24: with <see cref="FeatureFlags.ServerMonitorPages"/>.</summary>
    public ulong ParentToChildMonitor;

    /// <summary>32: with <see cref="FeatureFlags.ServerMonitorPages"/>.</summary>
    public ulong ChildToParentMonitor;
}
