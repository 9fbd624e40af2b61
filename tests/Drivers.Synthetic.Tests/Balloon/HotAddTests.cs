using System.Buffers.Binary;
using GuestOS.Machine.Memory;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Balloon;

public sealed class HotAddTests
{
    private const ulong GiB = 1024 * ScriptedHost.PagesPerMiB;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Added_memory_is_used_with_and_without_a_region(bool hasRegion)
    {
        var host = ScriptedHost.Agreed();
        var range = new PageRange(32 * GiB, 2 * GiB);
        host.Send(ScriptedHost.HotAddRequest(range, hasRegion ? range : null));
        Expect(host, 2 * GiB, result: 1);
        Assert.Equal(3 * GiB, host.Memory.Free.Count);
        Assert.Null(host.Changes[^1].Error);
    }

    [Fact]
    public void A_region_of_zero_is_none()
    {
        var host = ScriptedHost.Agreed();
        host.Send(ScriptedHost.HotAddRequest(new PageRange(32 * GiB, GiB), default(PageRange)));
        Expect(host, GiB, result: 1);
    }

    [Theory]
    [InlineData(1, 512, "known memory")]
    [InlineData(0x8000, 0, "empty")]
    [InlineData(0x10_0100, 512, "beginning not aligned")]
    [InlineData(0x10_0000, 511, "shorter than the alignment")]
    [InlineData(0xFF_FFFF_FE00, 1024, "out of reach")]
    public void What_cannot_be_added_is_refused_for_good(ulong first, ulong count, string why)
    {
        var host = ScriptedHost.Agreed();
        host.Send(ScriptedHost.HotAddRequest(new PageRange(first, count)));
        Expect(host, 0, result: 1);
        Assert.NotNull(host.Changes[^1].Error);
        Assert.Equal(1, host.Tally.RefusedRanges);
        Assert.True(host.Memory.Free.Count == GiB, why);
    }

    [Fact]
    public void A_range_outside_its_region_is_refused()
    {
        var host = ScriptedHost.Agreed();
        var range = new PageRange(32 * GiB, GiB);
        host.Send(ScriptedHost.HotAddRequest(range, new PageRange((32 * GiB) + 1, 2 * GiB)));
        Expect(host, 0, result: 1);
        host.Send(ScriptedHost.HotAddRequest(range, new PageRange(32 * GiB, GiB - 1)));
        Expect(host, 0, result: 1);
        Assert.Equal(GiB, host.Memory.Free.Count);
    }

    [Fact]
    public void A_range_whose_end_is_not_aligned_is_used_in_part()
    {
        var host = ScriptedHost.Agreed();
        host.Send(ScriptedHost.HotAddRequest(new PageRange(32 * GiB, GiB + 100)));
        Expect(host, GiB, result: 1);
    }

    [Fact]
    public void Without_memory_for_tables_the_host_may_ask_again()
    {
        var host = ScriptedHost.Agreed();
        host.Memory.HasNoTables = true;
        host.Send(ScriptedHost.HotAddRequest(new PageRange(32 * GiB, GiB)));
        Expect(host, 0, result: 0);
        host.Memory.HasNoTables = false;
        host.Send(ScriptedHost.HotAddRequest(new PageRange(32 * GiB, GiB)));
        Expect(host, GiB, result: 1);
    }

    [Fact]
    public void Memory_is_not_added_twice()
    {
        var host = ScriptedHost.Agreed();
        for (int i = 0; i < 2; i++)
        {
            host.Send(ScriptedHost.HotAddRequest(new PageRange(32 * GiB, GiB)));
            Expect(host, i == 0 ? GiB : 0, result: 1);
        }
    }

    [Fact]
    public void The_floor_rises_with_the_memory()
    {
        var host = ScriptedHost.Agreed();
        host.Send(ScriptedHost.HotAddRequest(new PageRange(32 * GiB, 7 * GiB)));
        Expect(host, 7 * GiB, result: 1);
        host.Send(ScriptedHost.BalloonRequest(uint.MaxValue));
        host.TakeBalloonResponses();

        // 8 GiB: 488 MiB + 1/32.
        Assert.Equal(744 * ScriptedHost.PagesPerMiB, host.Memory.Free.Count);
    }

    private static void Expect(ScriptedHost host, ulong pages, uint result)
    {
        byte[] response = host.Take(11);
        Assert.Equal(16, response.Length);
        Assert.Equal((pages, result), (BinaryPrimitives.ReadUInt32LittleEndian(response.AsSpan(8)), BinaryPrimitives.ReadUInt32LittleEndian(response.AsSpan(12))));
        Assert.Empty(host.Sent);
    }
}
