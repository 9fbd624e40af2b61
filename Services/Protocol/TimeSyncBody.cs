using System.Runtime.InteropServices;

namespace GuestOS.Services.Protocol;

/// <summary>Body of a time message of versions 1.0 and 3.0, 25 bytes. Times are in 100 ns; the parent's since 1601-01-01 UTC.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct TimeSyncBody
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 25;

    /// <summary>28 of the message: the host's time.</summary>
    public ulong ParentTime;

    /// <summary>36: the guest's time as the host believes it.</summary>
    public ulong ChildTime;

    /// <summary>44.</summary>
    public ulong RoundTrip;

    /// <summary>52.</summary>
    public TimeSyncFlags Flags;
}
