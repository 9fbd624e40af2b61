using GuestOS.Machine.Memory;

namespace GuestOS.Kernel.Tests.Memory;

/// <summary>A balloon that does what a test says.</summary>
internal sealed class FakeBalloon : IMemoryBalloon
{
    public event Action<BalloonChange>? Changed;

    public string Name => "balloon0";

    public BalloonStatus Status { get; set; } = new("2.0", BalloonState.Idle, new DynamicMemoryFigures { Total = 2000, Free = 1000, Committed = 1000 }, 100, 4000);

    public IReadOnlyList<BalloonCounter> Counters { get; } = [new("pages to the host", 17)];

    public void Report(BalloonChange change) => Changed?.Invoke(change);
}
