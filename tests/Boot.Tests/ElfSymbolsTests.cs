using GuestOS.Boot.Images;

namespace GuestOS.Boot.Tests;

public sealed class ElfSymbolsTests
{
    [Theory]
    [InlineData(0x0FFF, "0xfff")]
    [InlineData(0x1000, "0x1000 First+0x0")]
    [InlineData(0x1FFF, "0x1fff First+0xfff")]
    [InlineData(0x2001, "0x2001 Second+0x1")]
    public void An_address_is_named_by_the_function_before_it(ulong address, string expected)
    {
        using var file = new SymbolFile((0x2000, "Second"), (0x1000, "First"));
        Assert.Equal(expected, ElfSymbols.TryLoad(file.Path)!.Describe(address));
    }

    [Fact]
    public void The_frames_of_a_panic_are_named_a_line_each()
    {
        using var file = new SymbolFile((0x1000, "First"), (0x2000, "Second"));
        Assert.Equal(["0x2004 Second+0x4", "0x1008 First+0x8"], ElfSymbols.TryLoad(file.Path)!.DescribeFrames("0000000000002004 0000000000001008 nonsense"));
    }

    [Fact]
    public void Without_symbols_there_are_no_names()
    {
        using var none = new SymbolFile();
        Assert.Null(ElfSymbols.TryLoad(none.Path));
        Assert.Null(ElfSymbols.TryLoad("/nowhere"));
        Assert.Null(ElfSymbols.TryLoad(null));
    }
}
