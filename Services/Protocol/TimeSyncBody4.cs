using System.Runtime.InteropServices;

namespace GuestOS.Services.Protocol;

/// <summary>Body of a time message of version 4.0: 19 bytes that matter, 22 or 24 in all. Times are in 100 ns.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct TimeSyncBody4
{
    /// <summary>Bytes up to the stratum, the last one that matters.</summary>
    public const int Size = 19;

    /// <summary>Bytes in all, as Linux has it (FreeBSD and OpenVMM: 24).</summary>
    public const int FullSize = 22;

    /// <summary>28 of the message: the host's time since 1601-01-01 UTC.</summary>
    public ulong ParentTime;

    /// <summary>36: the partition's reference time when the host took <see cref="ParentTime"/>.</summary>
    public ulong ReferenceTime;

    /// <summary>44.</summary>
    public TimeSyncFlags Flags;

    /// <summary>45: as in NTP.</summary>
    public byte LeapIndicator;

    /// <summary>46: as in NTP.</summary>
    public byte Stratum;
}
