using GuestOS.Machine.Drivers;
using Xunit;

namespace GuestOS.Kernel.Tests.Drivers;

public sealed class DeviceNumbersTests
{
    private readonly DeviceNumbers _numbers = new();

    [Fact]
    public void Numbers_are_given_out_from_0_on()
    {
        Assert.Equal([0, 1, 2], Take(3));
    }

    [Fact]
    public void The_least_number_that_came_back_is_given_out_first()
    {
        Take(4);
        _numbers.Return(2);
        _numbers.Return(1);
        Assert.Equal([1, 2, 4], Take(3));
    }

    [Fact]
    public void A_number_that_came_back_twice_is_given_out_once()
    {
        Take(1);
        _numbers.Return(0);
        _numbers.Return(0);
        Assert.Equal([0, 1], Take(2));
    }

    private int[] Take(int count) => [.. Enumerable.Range(0, count).Select(_ => _numbers.Take())];
}
