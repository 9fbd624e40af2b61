using System.Buffers.Binary;
using GuestOS.Machine.Memory;
using GuestOS.Sandbox.Memory;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Balloon;

public sealed class DeflationTests
{
    private const ulong MiB = ScriptedHost.PagesPerMiB;

    [Fact]
    public void All_parts_come_back_and_one_answer_follows_the_last()
    {
        var host = ScriptedHost.Agreed();
        host.Send(ScriptedHost.BalloonRequest(10_000));
        PageRange all = Assert.Single(host.TakeBalloonResponses());
        host.Send(ScriptedHost.UnballoonRequest(true, new PageRange(all.First + 4000, 3000), new PageRange(all.First, 1000)));
        Assert.Empty(host.Sent);
        Assert.Equal(6000ul, host.Memory.Taken.Count);
        host.Send(ScriptedHost.UnballoonRequest(false, new PageRange(all.First + 1000, 3000), new PageRange(all.First + 7000, 3000)));
        Assert.Equal(8, host.Take(9).Length);
        Assert.Empty(host.Sent);
        Assert.Equal(0ul, host.Memory.Taken.Count);
        BalloonChange change = host.Changes[^1];
        Assert.Equal((BalloonOperation.Deflate, 10_000ul, 10_000ul, null), (change.Operation, change.Asked, change.Done, change.Error));
    }

    [Fact]
    public void Pages_that_the_host_does_not_have_are_not_taken_and_the_request_is_answered()
    {
        var host = ScriptedHost.Agreed();
        host.Send(ScriptedHost.BalloonRequest(1000));
        PageRange all = Assert.Single(host.TakeBalloonResponses());
        host.Send(ScriptedHost.UnballoonRequest(
            false,
            new PageRange(all.First - 1, 2),
            new PageRange(all.First, 0),
            new PageRange(all.First, 500),
            new PageRange(all.First, 500),
            new PageRange(all.First + 999, 2),
            new PageRange(0xFF_FFFF_FFFF, 0xFF_FFFF)));
        host.Take(9);
        Assert.Equal(500ul, host.Memory.Taken.Count);
        Assert.Equal(5, host.Tally.ForeignRanges);
        Assert.NotNull(host.Changes[^1].Error);
        Assert.Equal(500ul, host.Changes[^1].Done);
    }

    [Fact]
    public void A_request_with_fewer_ranges_than_it_says_gives_nothing_and_is_answered()
    {
        var host = ScriptedHost.Agreed();
        host.Send(ScriptedHost.BalloonRequest(1000));
        PageRange all = Assert.Single(host.TakeBalloonResponses());
        foreach (uint count in new[] { 2u, 0x2000_0000u, uint.MaxValue })
        {
            byte[] request = ScriptedHost.UnballoonRequest(false, all);
            BinaryPrimitives.WriteUInt32LittleEndian(request.AsSpan(12), count);
            host.Send(request);
            host.Take(9);
            Assert.Equal(1000ul, host.Memory.Taken.Count);
        }

        Assert.Equal(3, host.Tally.Malformed);
    }

    [Fact]
    public void Pages_of_an_earlier_opening_come_back_to_a_later_one()
    {
        var memory = new SimulatedDynamicMemory(1024 * MiB);
        var first = ScriptedHost.Agreed(memory);
        first.Send(ScriptedHost.BalloonRequest(1000));
        PageRange all = Assert.Single(first.TakeBalloonResponses());
        first.Client.End();
        Assert.Equal(1000ul, memory.Taken.Count);
        var second = ScriptedHost.Agreed(memory);
        second.Send(ScriptedHost.UnballoonRequest(false, all));
        Assert.Equal(0ul, memory.Taken.Count);
        Assert.Null(second.Changes[^1].Error);
    }

    [Fact]
    public void The_answer_waits_for_room()
    {
        var host = ScriptedHost.Agreed();
        host.Room = 0;
        host.Send(ScriptedHost.UnballoonRequest(false));
        Assert.True(host.Client.IsBusy);
        host.Room = 1;
        host.Run();
        host.Take(9);
        Assert.False(host.Client.IsBusy);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    public void Two_hundred_random_targets_in_a_row_keep_both_sides_agreed(int seed)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var memory = new SimulatedDynamicMemory(1024 * MiB, [.. Enumerable.Range(1, 500).Select(i => new PageRange(256 + ((ulong)i * 500), (ulong)random.Next(1, 400)))]);
        var host = ScriptedHost.Agreed(memory);
        var removed = new PageRangeSet();
        for (int i = 0; i < 200; i++)
        {
            ulong target = (ulong)random.NextInt64((long)(1100 * MiB));
            ulong now = (1024 * MiB) - removed.Count;
            if (target < now)
            {
                host.Send(ScriptedHost.BalloonRequest((uint)(now - target)));
                foreach (PageRange range in host.TakeBalloonResponses())
                    removed.Add(range);
            }
            else
            {
                ulong left = Math.Min(target - now, removed.Count);
                var parts = new List<PageRange>();
                while (left != 0)
                {
                    PageRange range = removed.Ranges[random.Next(removed.Ranges.Count)];
                    ulong count = Math.Min(left, (ulong)random.NextInt64(1, (long)range.Count + 1));
                    var part = new PageRange(range.First + (ulong)random.NextInt64((long)(range.Count - count) + 1), count);
                    removed.Remove(part);
                    parts.Add(part);
                    left -= count;
                }

                PageRange[][] messages = [.. parts.Chunk(400)];
                for (int m = 0; m < messages.Length; m++)
                    host.Send(ScriptedHost.UnballoonRequest(m + 1 < messages.Length, messages[m]));
                if (messages.Length != 0)
                    host.Take(9);
            }

            Assert.Empty(host.Sent);
            Assert.Equal(removed.Ranges, memory.Taken.Ranges);
            Assert.All(host.Changes, change => Assert.Null(change.Error));
        }
    }
}
