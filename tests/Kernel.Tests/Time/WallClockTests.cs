using GuestOS.Kernel.Time;
using GuestOS.Testing;
using Xunit;

namespace GuestOS.Kernel.Tests.Time;

public sealed class WallClockTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly Recorder _mover = new();

    [Fact]
    public void A_step_is_one_move()
    {
        using var clock = Create();
        clock.Step(TimeSpan.FromDays(-1));
        Assert.Equal([TimeSpan.FromDays(-1)], _mover.Moves);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void A_slew_moves_500_microseconds_in_a_second_and_ends_exactly(int sign)
    {
        using var clock = Create();
        clock.Slew(TimeSpan.FromMicroseconds(1_020 * sign));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromMicroseconds(500 * sign), _mover.Total);
        Assert.Equal(TimeSpan.FromMicroseconds(520 * sign), clock.SlewRemaining);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(TimeSpan.FromMicroseconds(1_020 * sign), _mover.Total);
        Assert.Equal(TimeSpan.Zero, clock.SlewRemaining);
        Assert.All(_mover.Moves, move => Assert.True(move.Duration() <= TimeSpan.FromMicroseconds(50)));
        Assert.False(_time.RunNext(), "a timer goes on although there is nothing left to do");
    }

    [Fact]
    public void A_step_ends_a_slew_and_a_new_slew_takes_the_place_of_the_old_one()
    {
        using var clock = Create();
        clock.Slew(TimeSpan.FromSeconds(1));
        clock.Slew(TimeSpan.FromMicroseconds(-10));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromMicroseconds(-10), _mover.Total);
        clock.Slew(TimeSpan.FromSeconds(1));
        clock.Step(TimeSpan.FromSeconds(5));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromSeconds(5) - TimeSpan.FromMicroseconds(10), _mover.Total);
    }

    [Fact]
    public void The_reference_time_is_the_hypervisors()
    {
        using var clock = Create(() => 4711);
        Assert.True(clock.TryReadReferenceTime(out ulong units));
        Assert.Equal(4711UL, units);
        using var without = Create();
        Assert.False(without.TryReadReferenceTime(out _));
    }

    private WallClock Create(Func<ulong?>? reference = null) => new(_mover, _time, reference ?? (() => null));

    private sealed class Recorder : IWallClockMover
    {
        public List<TimeSpan> Moves { get; } = [];

        public TimeSpan Total => Moves.Aggregate(TimeSpan.Zero, (sum, move) => sum + move);

        public void Move(TimeSpan by) => Moves.Add(by);
    }
}
