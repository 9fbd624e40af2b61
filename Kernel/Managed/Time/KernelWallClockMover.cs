using GuestOS.Kernel.Core;
using GuestOS.Kernel.Hardware;

namespace GuestOS.Kernel.Time;

/// <summary>The low-level kernel's clock.</summary>
internal sealed class KernelWallClockMover : IWallClockMover
{
    public void Move(TimeSpan by) => KernelEntry.Require(KernelCall.WallClockMove, (ulong)(by.Ticks * TimeSpan.NanosecondsPerTick));
}
