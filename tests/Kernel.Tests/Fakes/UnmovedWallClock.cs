using GuestOS.Kernel.Time;

namespace GuestOS.Kernel.Tests.Fakes;

/// <summary>Remembers by how much the time of day would have moved.</summary>
internal sealed class UnmovedWallClock : IWallClockMover
{
    public TimeSpan Moved { get; private set; }

    public void Move(TimeSpan by) => Moved += by;
}
