using GuestOS.Machine.Memory;
using GuestOS.Sandbox.DynamicMemory;
using Xunit;

namespace GuestOS.Sandbox.Tests.DynamicMemory;

public sealed class RangeWordTests
{
    [Fact]
    public void The_word_holds_40_bits_of_the_page_and_24_of_the_count()
    {
        Assert.Equal(0xFFFFFF_FFFFFFFFFFUL, RangeWord.Encode(new PageRange((1UL << 40) - 1, RangeWord.MostPages)));
        Assert.Equal(new PageRange(0x12_3456_789A, 0x4321), RangeWord.Decode(0x004321_123456789A));
    }
}
