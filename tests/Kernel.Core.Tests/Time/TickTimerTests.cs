namespace GuestOS.Kernel.Core.Tests;

public sealed class TickTimerTests
{
    private const ulong Millisecond = 1_000_000;

    [Theory]
    [InlineData(0, 5_000, false)]
    [InlineData(1_000, 0, false)]
    [InlineData(1_000, 1_000, false)]
    [InlineData(1_000, 1_099, false)]
    [InlineData(1_000, 1_100, true)]
    [InlineData(1_000, 90_000, true)]
    public void A_shot_is_lost_when_it_has_not_come_a_tenth_of_a_second_after_its_time(ulong armedAt, ulong now, bool expected) =>
        Assert.Equal(expected, TickTimer.IsLost(armedAt * Millisecond, now * Millisecond));
}
