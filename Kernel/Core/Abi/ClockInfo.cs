using System.Runtime.InteropServices;

namespace GuestOS.Kernel.Core;

/// <summary>The kernel's clock at one moment.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct ClockInfo
{
    /// <summary>What keeps the time.</summary>
    public ClockSource Source;

    /// <summary>1: the time-stamp counter gives the time by scale and offset, without leaving the machine; 0: a register of a device or of the hypervisor does.</summary>
    public uint IsFast;

    /// <summary>Nanoseconds since kernel entry.</summary>
    public ulong Now;

    /// <summary>Unix time in nanoseconds at kernel entry; 0 where the machine has no clock that holds a time.</summary>
    public ulong WallClockAtEntry;

    /// <summary>Hertz of the time-stamp counter.</summary>
    public ulong TscFrequency;

    /// <summary>Hertz of the local APIC's timer before its divider.</summary>
    public ulong ApicFrequency;

    /// <summary>Hyper-V's reference counter in 100 ns units, by register, at that moment; 0 without.</summary>
    public ulong ReferenceCounter;

    /// <summary>Sequence number of the reference TSC page; 0 while it is not valid, or without it.</summary>
    public uint Sequence;

    /// <summary>How the frequencies are known.</summary>
    public CalibrationMethod Calibration;

    /// <summary>Readings by register because the page was not valid, changed all the time, or disagreed with the register.</summary>
    public ulong Fallbacks;

    /// <summary>Contents of the page that were taken over.</summary>
    public ulong Changes;

    /// <summary>Contents of the page that disagreed with the register.</summary>
    public ulong StalePages;

    /// <summary>Times that the reference time would have gone back, and was moved forward.</summary>
    public ulong Corrections;

    /// <summary>By how much altogether.</summary>
    public ulong CorrectedNanoseconds;
}
