namespace GuestOS.Kernel.Core.Tests;

public sealed class TlbTests
{
    private const ulong Frequency = 2_500_000_000;

    [Theory]
    [InlineData(1_000, 0, false)]
    [InlineData(1_000, 1_000, false)]
    [InlineData(1_000, 1_099, false)]
    [InlineData(1_000, 1_100, true)]
    [InlineData(1_000, 21_000, true)]
    public void A_processor_that_is_silent_for_a_tenth_of_a_second_is_asked_once_more(ulong asked, ulong now, bool expected) =>
        Assert.Equal(expected, Tlb.IsRepeatDue(asked * (Frequency / 1000), now * (Frequency / 1000), Frequency));
}
