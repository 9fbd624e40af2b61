using FsCheck.Fluent;

namespace GuestOS.Kernel.Core.Tests;

public sealed class RtcTimeTests
{
    private const byte Binary = 4;
    private const byte Hours24 = 2;

    public static TheoryData<byte> Formats => [0, Binary, Hours24, Binary | Hours24];

    [Theory]
    [MemberData(nameof(Formats))]
    public void Every_time_is_decoded_in_every_format(byte statusB) => Numbers.Check(
        Numbers.AnyUInt64.Select(value => value % (ulong)DateTimeOffset.Parse("2262-01-01Z", null).ToUnixTimeSeconds()),
        seconds =>
        {
            DateTime time = DateTimeOffset.FromUnixTimeSeconds((long)seconds).UtcDateTime;
            RtcTime registers = Encode(time, statusB, withCentury: true);
            Assert.True(RtcTime.TryDecode(ref registers, out ulong decoded));
            Assert.Equal(seconds, decoded);
        });

    [Theory]
    [InlineData("1970-01-01T00:00:00Z")]
    [InlineData("1999-12-31T23:59:59Z")]
    [InlineData("2000-02-29T12:00:00Z")]
    [InlineData("2024-02-29T00:30:00Z")]
    [InlineData("2069-12-31T23:59:59Z")]
    public void Without_century_register_years_below_70_belong_to_this_century(string text)
    {
        DateTime time = DateTimeOffset.Parse(text, null).UtcDateTime;
        RtcTime registers = Encode(time, Hours24, withCentury: false);
        Assert.True(RtcTime.TryDecode(ref registers, out ulong decoded));
        Assert.Equal(time, DateTimeOffset.FromUnixTimeSeconds((long)decoded).UtcDateTime);
    }

    [Fact]
    public void A_century_register_that_holds_something_else_is_ignored()
    {
        RtcTime registers = Encode(new DateTime(2031, 5, 6, 7, 8, 9, DateTimeKind.Utc), Hours24, withCentury: true);
        registers.Century = 0x77;
        Assert.True(RtcTime.TryDecode(ref registers, out ulong decoded));
        Assert.Equal(2031, DateTimeOffset.FromUnixTimeSeconds((long)decoded).Year);
    }

    [Fact]
    public void Midnight_and_noon_of_twelve_hours()
    {
        RtcTime registers = Encode(new DateTime(2031, 5, 6, 0, 8, 9, DateTimeKind.Utc), 0, withCentury: true);
        Assert.Equal(0x12, registers.Hour);
        registers.Hour = 0x92;
        Assert.True(RtcTime.TryDecode(ref registers, out ulong decoded));
        Assert.Equal(12, DateTimeOffset.FromUnixTimeSeconds((long)decoded).Hour);
    }

    [Theory]
    [InlineData("second", 0x60)]
    [InlineData("second", 0x1A)]
    [InlineData("minute", 0x99)]
    [InlineData("hour", 0x24)]
    [InlineData("day", 0x00)]
    [InlineData("day", 0x32)]
    [InlineData("month", 0x00)]
    [InlineData("month", 0x13)]
    [InlineData("year", 0xFF)]
    public void What_is_no_time_is_refused(string register, byte value)
    {
        RtcTime registers = Encode(new DateTime(2031, 5, 6, 7, 8, 9, DateTimeKind.Utc), Hours24, withCentury: true);
        switch (register)
        {
            case "second": registers.Second = value; break;
            case "minute": registers.Minute = value; break;
            case "hour": registers.Hour = value; break;
            case "day": registers.Day = value; break;
            case "month": registers.Month = value; break;
            default: registers.Year = value; break;
        }

        Assert.False(RtcTime.TryDecode(ref registers, out _));
    }

    [Fact]
    public void The_29th_of_february_needs_a_leap_year()
    {
        RtcTime registers = Encode(new DateTime(2023, 2, 28, 0, 0, 0, DateTimeKind.Utc), Hours24, withCentury: true);
        registers.Day = 0x29;
        Assert.False(RtcTime.TryDecode(ref registers, out _));
        registers.Year = 0x24;
        Assert.True(RtcTime.TryDecode(ref registers, out _));
    }

    [Fact]
    public void All_ones_and_all_zeros_are_no_time()
    {
        var ones = new RtcTime { Second = 255, Minute = 255, Hour = 255, Day = 255, Month = 255, Year = 255, Century = 255, StatusB = 255 };
        RtcTime zeros = default;
        Assert.False(RtcTime.TryDecode(ref ones, out _));
        Assert.False(RtcTime.TryDecode(ref zeros, out _));
    }

    private static RtcTime Encode(DateTime time, byte statusB, bool withCentury)
    {
        int hour = time.Hour;
        int afternoon = 0;
        if ((statusB & Hours24) == 0)
        {
            afternoon = hour >= 12 ? 0x80 : 0;
            hour = hour % 12 == 0 ? 12 : hour % 12;
        }

        return new RtcTime
        {
            Second = Number(time.Second),
            Minute = Number(time.Minute),
            Hour = (byte)(Number(hour) | afternoon),
            Day = Number(time.Day),
            Month = Number(time.Month),
            Year = Number(time.Year % 100),
            Century = withCentury ? Number(time.Year / 100) : (byte)0,
            StatusB = statusB,
        };

        byte Number(int value) => (byte)((statusB & Binary) != 0 ? value : value / 10 * 16 + value % 10);
    }
}
