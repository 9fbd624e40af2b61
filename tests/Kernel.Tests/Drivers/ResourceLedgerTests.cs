using GuestOS.Kernel.Drivers;
using GuestOS.Machine;

namespace GuestOS.Kernel.Tests.Drivers;

public sealed class ResourceLedgerTests
{
    private readonly ResourceLedger _ledger = new();
    private readonly object _a = new();
    private readonly object _b = new();

    [Theory]
    [InlineData(0x100, 8, false)]
    [InlineData(0x0F8, 9, false)]
    [InlineData(0x107, 1, false)]
    [InlineData(0x108, 8, true)]
    [InlineData(0x0F8, 8, true)]
    [InlineData(0x000, 0x1000, false)]
    public void Overlaps_are_refused_and_neighbours_are_not(ulong first, ulong length, bool isFree)
    {
        Assert.True(_ledger.TryClaim(RegisterSpace.Port, 0x100, 8, _a, "a", out _));
        Assert.Equal(isFree, _ledger.TryClaim(RegisterSpace.Port, first, length, _b, "b", out string error));
        Assert.Equal(!isFree, error.Contains("belongs to a", StringComparison.Ordinal));
        Assert.True(_ledger.TryClaim(RegisterSpace.Memory, first, length, _b, "b", out _));
    }

    [Fact]
    public void Ranges_that_wrap_or_are_empty_are_refused()
    {
        Assert.False(_ledger.TryClaim(RegisterSpace.Memory, ulong.MaxValue, 2, _a, "a", out _));
        Assert.False(_ledger.TryClaim(RegisterSpace.Memory, 5, 0, _a, "a", out _));
        Assert.True(_ledger.TryClaim(RegisterSpace.Memory, ulong.MaxValue, 1, _a, "a", out _));
    }

    [Fact]
    public void Releasing_frees_only_the_owners()
    {
        Assert.True(_ledger.TryClaim(RegisterSpace.Port, 0, 8, _a, "a", out _));
        Assert.True(_ledger.TryClaim(RegisterSpace.Port, 8, 8, _b, "b", out _));
        _ledger.Release(_a);
        Assert.True(_ledger.TryClaim(RegisterSpace.Port, 0, 8, _b, "b", out _));
        Assert.False(_ledger.TryClaim(RegisterSpace.Port, 8, 8, _a, "a", out _));
    }
}
