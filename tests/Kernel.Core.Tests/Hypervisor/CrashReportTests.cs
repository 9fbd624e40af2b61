namespace GuestOS.Kernel.Core.Tests;

public sealed unsafe class CrashReportTests
{
    private static readonly CrashParameters Numbers = new() { P0 = 0x0E01, P1 = 0xC7, P2 = 2, P3 = 3, P4 = 4 };

    [Fact]
    public void A_host_that_takes_texts_gets_address_and_length()
    {
        Assert.Equal(3UL << 62, CrashReport.Compose(3UL << 62, in Numbers, text: 0x5000, length: 77, out CrashParameters sent));
        Assert.Equal((0UL, 0UL, 0UL, 0x5000UL, 77UL), (sent.P0, sent.P1, sent.P2, sent.P3, sent.P4));
    }

    [Theory]
    [InlineData(1UL << 63, 0x5000UL, 77)]
    [InlineData(3UL << 62, 0UL, 77)]
    [InlineData(3UL << 62, 0x5000UL, 0)]
    public void Otherwise_it_gets_the_numbers(ulong capabilities, ulong text, int length)
    {
        Assert.Equal(1UL << 63, CrashReport.Compose(capabilities, in Numbers, text, length, out CrashParameters sent));
        Assert.Equal((0x0E01UL, 0xC7UL, 2UL, 3UL, 4UL), (sent.P0, sent.P1, sent.P2, sent.P3, sent.P4));
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(1UL << 62)]
    public void A_host_that_takes_no_report_gets_none(ulong capabilities) =>
        Assert.Equal(0UL, CrashReport.Compose(capabilities, in Numbers, 0x5000, 77, out _));

    [Fact]
    public void The_code_holds_kind_and_exception() => Assert.Equal(0x0E01UL, CrashReport.Code(PanicCode.Fault, 14));
}
