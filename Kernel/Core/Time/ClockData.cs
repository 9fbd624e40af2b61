using System.Runtime.InteropServices;

namespace GuestOS.Kernel.Core;

/// <summary>
/// What turns the time-stamp counter into nanoseconds, shared with boot/entry/clock.asm, which reads it without a lock in the kernel and
/// in threads: ns = <see cref="Base"/> + (counter - <see cref="TscBase"/>) * <see cref="Multiplier"/> / 2^<see cref="Shift"/>.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ClockData
{
    /// <summary>Odd: not to be used now, ask <see cref="Clock"/>.</summary>
    public uint Version;

    /// <summary>What must stand at <see cref="Sequence"/>; else the hypervisor has changed its page.</summary>
    public uint Expected;

    /// <summary>Sequence number of the reference TSC page, or <see cref="Expected"/> itself where there is none.</summary>
    public uint* Sequence;

    /// <summary>Counter at <see cref="Base"/>.</summary>
    public ulong TscBase;

    /// <summary>See above.</summary>
    public ulong Multiplier;

    /// <summary>Nanoseconds since kernel entry at <see cref="TscBase"/>.</summary>
    public ulong Base;

    /// <summary>A leap further than this between two readings on one processor is looked at by <see cref="Clock"/>; so is any step back.</summary>
    public ulong LeapLimit;

    /// <summary>Unix time in nanoseconds at kernel entry.</summary>
    public ulong WallClock;

    /// <summary>0 to 63.</summary>
    public int Shift;
}
