using GuestOS.Drivers.Synthetic.Balloon;
using GuestOS.Machine.Memory;
using GuestOS.Sandbox.Memory;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Balloon;

public sealed class InflationTests
{
    private const ulong MiB = ScriptedHost.PagesPerMiB;

    [Theory]
    [InlineData(64, 8 + 32)]
    [InlineData(127, 8 + 63.5)]
    [InlineData(128, 40 + 32)]
    [InlineData(511, 40 + 127.75)]
    [InlineData(512, 104 + 64)]
    [InlineData(2047, 104 + 255.875)]
    [InlineData(2048, 232 + 128)]
    [InlineData(8191, 232 + 511.9375)]
    [InlineData(8192, 488 + 256)]
    [InlineData(65536, 488 + 2048)]
    public void The_floor_follows_the_size_piece_by_piece(ulong megabytes, double floor) =>
        Assert.Equal((ulong)(floor * MiB), MemoryFloor.Of(megabytes * MiB));

    [Fact]
    public void The_host_gets_what_it_asks_for_and_is_told_where_it_is()
    {
        var host = ScriptedHost.Agreed();
        host.Send(ScriptedHost.BalloonRequest(50_000));
        List<PageRange> ranges = host.TakeBalloonResponses();
        Assert.Equal(50_000ul, Sum(ranges));
        Assert.Equal(ranges, host.Memory.Taken.Ranges);
        BalloonChange change = Assert.Single(host.Changes);
        Assert.Equal((BalloonOperation.Inflate, 50_000ul, 50_000ul, null), (change.Operation, change.Asked, change.Done, change.Error));
        Assert.Equal(BalloonState.Idle, host.Client.State);
    }

    [Fact]
    public void Nothing_is_given_below_the_floor_and_the_request_is_answered()
    {
        var host = ScriptedHost.Agreed();
        ulong floor = MemoryFloor.Of(1024 * MiB);
        host.Send(ScriptedHost.BalloonRequest(uint.MaxValue));
        Assert.Equal((1024 * MiB) - floor, Sum(host.TakeBalloonResponses()));
        Assert.Equal(floor, host.Memory.Free.Count);

        host.Send(ScriptedHost.BalloonRequest(1));
        Assert.Empty(host.TakeBalloonResponses());
        Assert.Empty(host.Sent);
        Assert.Equal(floor, host.Memory.Free.Count);
    }

    [Fact]
    public void A_request_for_nothing_is_answered_with_nothing()
    {
        var host = ScriptedHost.Agreed();
        host.Send(ScriptedHost.BalloonRequest(0));
        Assert.Empty(host.TakeBalloonResponses());
        Assert.Empty(host.Sent);
    }

    [Fact]
    public void Memory_in_pieces_is_named_in_many_parts_of_a_page_each()
    {
        // Every eighth page is in use.
        var memory = new SimulatedDynamicMemory(128 * MiB, [.. Enumerable.Range(0, 4096).Select(i => new PageRange(256 + 7 + (8 * (ulong)i), 1))]);
        var host = ScriptedHost.Agreed(memory);
        host.Send(ScriptedHost.BalloonRequest(10_000));
        Assert.Equal(3, host.Sent.Count);
        List<PageRange> ranges = host.TakeBalloonResponses();
        Assert.Equal(1429, ranges.Count);
        Assert.Equal(10_000ul, Sum(ranges));
        Assert.Equal(10_000ul, memory.Taken.Count);

        // Now to the floor: the last part says that there is nothing more.
        host.Send(ScriptedHost.BalloonRequest(10_000));
        Assert.Equal(2, host.Sent.Count);
        Assert.Equal(240ul, Sum(host.TakeBalloonResponses()));
    }

    [Fact]
    public void A_full_ring_holds_the_request_and_messages_up_until_there_is_room()
    {
        var host = ScriptedHost.Agreed(new SimulatedDynamicMemory(1024 * MiB) { Piece = 1000 });
        host.Room = 2;
        host.Send(ScriptedHost.BalloonRequest(5000));
        Assert.True(host.Client.IsBusy);
        Assert.Equal(2, host.Sent.Count);
        Assert.Equal(3000ul, host.Memory.Taken.Count);
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        host.Client.Tick();
        host.Room = 100;
        host.Run();
        Assert.Equal(5000ul, Sum(host.TakeBalloonResponses()));
    }

    [Fact]
    public void Pages_of_which_the_host_never_heard_are_taken_back_when_the_channel_ends()
    {
        var host = ScriptedHost.Agreed(new SimulatedDynamicMemory(1024 * MiB) { Piece = 1000 });
        host.Room = 2;
        host.Send(ScriptedHost.BalloonRequest(5000));
        host.Client.End();
        Assert.Equal(2000ul, host.Memory.Taken.Count);
        Assert.False(host.Client.IsBusy);
        Assert.Equal(BalloonState.Stopped, host.Client.State);

        host = ScriptedHost.Agreed(new SimulatedDynamicMemory(1024 * MiB) { Piece = 1000 });
        host.IsClosed = true;
        host.Send(ScriptedHost.BalloonRequest(5000));
        Assert.Equal(0ul, host.Memory.Taken.Count);
        Assert.False(host.Client.IsBusy);
    }

    [Fact]
    public void A_heap_that_holds_too_much_is_compacted_once_and_not_again_for_each_repetition()
    {
        var memory = new SimulatedDynamicMemory(1024 * MiB);
        memory.WasteFree(500 * MiB);
        var host = ScriptedHost.Agreed(memory);
        host.Send(ScriptedHost.BalloonRequest((uint)(100 * MiB)));
        Assert.Equal(0, memory.Compactions);
        host.Send(ScriptedHost.BalloonRequest((uint)(600 * MiB)));
        Assert.Equal(1, memory.Compactions);
        host.Send(ScriptedHost.BalloonRequest((uint)(600 * MiB)));
        Assert.Equal(1, memory.Compactions);
        Assert.Equal(MemoryFloor.Of(1024 * MiB), memory.Free.Count);
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        host.Send(ScriptedHost.BalloonRequest((uint)(600 * MiB)));
        Assert.Equal(2, memory.Compactions);
    }

    private static ulong Sum(IEnumerable<PageRange> ranges) => (ulong)ranges.Sum(range => (long)range.Count);
}
