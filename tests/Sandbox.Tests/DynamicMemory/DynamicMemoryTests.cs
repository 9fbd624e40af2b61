using GuestOS.Machine.Memory;
using GuestOS.Sandbox.DynamicMemory;
using GuestOS.Sandbox.Tests.VmBus;
using Xunit;

namespace GuestOS.Sandbox.Tests.DynamicMemory;

/// <summary>The host's dynamic memory against messages of protocol 7 by hand.</summary>
public sealed class DynamicMemoryTests : BusTest
{
    private DynamicMemoryProvider _provider = null!;
    private HandChannel _channel = null!;
    private ulong _id;

    private void StartOpen(DynamicMemoryOptions? options = null)
    {
        _provider = new DynamicMemoryProvider(options);
        Start();
        Host.Offer(_provider);
        _channel = OpenChannel(ConnectAndList(0x50003)[0], 3, 3);
    }

    private void StartRunning(DynamicMemoryOptions? options = null)
    {
        StartOpen(options);
        Say("01 00 10 00 01 00 00 00 00 00 02 00 00 00 00 00");
        Say("03 00 20 00 02 00 00 00 1f 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 ff ff ff ff ff ff ff ff");
        Hear();
        Hear();
    }

    private void Say(string text) => Say(Hex.Parse(text));

    private void Say(byte[] message)
    {
        _channel.Out.PutPacket(6, 0, ++_id, default, message);
        Signal(_channel);
    }

    private byte[] Hear()
    {
        var packet = _channel.In.Take();
        Assert.NotNull(packet);
        Assert.Equal(6, packet[0]);
        Assert.Equal(0, packet[6]);
        return packet[16..^8];
    }

    private static byte[] Ranges(byte type, uint at8, uint at12, params PageRange[] ranges)
    {
        var message = HandGuest.Words(type | ((16 + (8u * (uint)ranges.Length)) << 16), 9, at8, at12);
        return [.. message, .. ranges.SelectMany(range => BitConverter.GetBytes(RangeWord.Encode(range)))];
    }

    [Fact]
    public void Versions_are_asked_newest_first_and_the_ids_come_back()
    {
        StartOpen(new DynamicMemoryOptions { Versions = [0x0001_0000] });
        Say("01 00 10 00 aa 00 00 00 00 00 02 00 00 00 00 00");
        Assert.Equal(Hex.Parse("02 00 10 00 aa 00 00 00 00 00 00 00 00 00 00 00"), Hear());
        Say("01 00 10 00 ab 00 00 00 00 00 01 00 01 00 00 00");
        Assert.Equal(Hex.Parse("02 00 10 00 ab 00 00 00 01 00 00 00 00 00 00 00"), Hear());
        Assert.Equal([(0x20000u, false), (0x10000u, true)], _provider.VersionRequests);
        Say("03 00 20 00 ac 00 00 00 1f 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 ff ff ff ff ff ff ff ff");
        Assert.Equal(Hex.Parse("04 00 10 00 ac 00 00 00 01 00 00 00 00 00 00 00"), Hear());
        Assert.Equal((0x1FUL, 0UL, ulong.MaxValue), _provider.Capabilities);
        Assert.Equal((DynamicMemoryState.Idle, 0x10000u), (_provider.State, _provider.Version));
        Assert.Empty(Host.GuestErrors);
    }

    [Fact]
    public void A_status_report_is_kept()
    {
        StartRunning();
        Say("""
            05 00 30 00 03 00 00 00 01 00 00 00 00 00 00 00 02 00 00 00 00 00 00 00
            03 00 00 00 00 00 00 00 04 00 00 00 00 00 00 00 05 00 00 00 06 00 00 00
            """);
        var status = Assert.Single(_provider.Statuses);
        Assert.Equal((1UL, 2UL, 3UL, 4UL, 5u, 6u), (status.Available, status.Committed, status.PageFile, status.Free, status.PageFileWrites, status.InputOutput));
        Assert.Equal([1u, 2u, 3u], _provider.GuestIds);
    }

    [Fact]
    public void Ballooning_takes_answers_in_parts_and_gives_back_in_parts()
    {
        StartRunning(new DynamicMemoryOptions { MostRangesPerMessage = 2 });
        _provider.Balloon(100);
        Settle();
        Assert.Equal(Hex.Parse("06 00 10 00 01 00 00 00 64 00 00 00 00 00 00 00"), Hear());
        Say(Ranges(7, 0, (2 << 1) | 1, new PageRange(0x1000, 40), new PageRange(0x2000, 10)));
        Assert.Equal((DynamicMemoryState.Ballooning, 50UL, 50u), (_provider.State, _provider.Ballooned.Count, _provider.Missing));
        Say(Ranges(7, 0, 1 << 1, new PageRange(0x3000, 50)));
        Assert.Equal((DynamicMemoryState.Idle, 100UL, 0u), (_provider.State, _provider.Ballooned.Count, _provider.Missing));

        _provider.Unballoon(90);
        Settle();
        Assert.Equal([.. HandGuest.Words(8 | (32 << 16), 2, 1, 2), .. BitConverter.GetBytes(RangeWord.Encode(new PageRange(0x1000, 40))), .. BitConverter.GetBytes(RangeWord.Encode(new PageRange(0x2000, 10)))], Hear());
        Assert.Equal([.. HandGuest.Words(8 | (24 << 16), 3, 0, 1), .. BitConverter.GetBytes(RangeWord.Encode(new PageRange(0x3000, 40)))], Hear());
        Assert.Equal(DynamicMemoryState.Unballooning, _provider.State);
        Say("09 00 08 00 00 00 00 00");
        Assert.Equal((DynamicMemoryState.Idle, 10UL, 2), (_provider.State, _provider.Ballooned.Count, _provider.Finished));
        Assert.Empty(Host.GuestErrors);
    }

    [Fact]
    public void A_guest_at_its_floor_answers_with_no_ranges()
    {
        StartRunning(new DynamicMemoryOptions { MostPagesAtATime = 60 });
        _provider.BalloonTo(100);
        Settle();
        Assert.Equal(60u, HandGuest.Word(Hear(), 8));
        Say(Ranges(7, 0, 1 << 1, new PageRange(0x1000, 60)));
        Assert.Equal(40u, HandGuest.Word(Hear(), 8));
        // It ends the request whatever the more bit says.
        Say(Ranges(7, 0, 1));
        Assert.Equal((DynamicMemoryState.Idle, 40u), (_provider.State, _provider.Missing));
        Assert.Empty(Host.GuestErrors);
    }

    [Fact]
    public void Wrong_ranges_are_reported_and_not_taken()
    {
        StartRunning(new DynamicMemoryOptions { IsGuestFrame = static frame => frame is >= 0x1000 and < 0x2000 });
        _provider.Balloon(50);
        Settle();
        Hear();
        Say(Ranges(7, 0, (4 << 1) | 1, new PageRange(0x1000, 10), new PageRange(0x1009, 2), new PageRange(0x1FFF, 2), new PageRange(0x1100, 41)));
        Assert.Equal((10UL, 3), (_provider.Ballooned.Count, Host.GuestErrors.Count));
        Say(Ranges(7, 0, 5 << 1, new PageRange(0x1200, 1)));
        Assert.Equal((10UL, 4), (_provider.Ballooned.Count, Host.GuestErrors.Count));
        Assert.Equal(DynamicMemoryState.Ballooning, _provider.State);
    }

    [Fact]
    public void Memory_is_added_with_and_without_a_region()
    {
        StartRunning();
        var range = new PageRange(0x10_0000, 0x8000);
        _provider.HotAdd(range, range);
        _provider.HotAdd(range);
        Settle();
        Assert.Equal([.. HandGuest.Words(10 | (24 << 16), 1), .. BitConverter.GetBytes(RangeWord.Encode(range)), .. BitConverter.GetBytes(RangeWord.Encode(range))], Hear());
        Assert.Null(_channel.In.Take());
        Say(HandGuest.Words(11 | (16 << 16), 0, 0x8000, 1));
        Assert.Equal([.. HandGuest.Words(10 | (16 << 16), 2), .. BitConverter.GetBytes(RangeWord.Encode(range))], Hear());
        Say(HandGuest.Words(11 | (16 << 16), 0, 0, 0));
        Assert.Equal([new HotAddOutcome(range, 0x8000, 1), new HotAddOutcome(range, 0, 0)], _provider.HotAdds);
        _provider.HotAdd(range);
        Settle();
        Hear();
        Say(HandGuest.Words(11 | (16 << 16), 0, 0x8001, 1));
        Assert.Single(Host.GuestErrors);
    }

    [Fact]
    public void The_most_pages_are_told()
    {
        StartRunning();
        _provider.Inform(0x100000);
        Settle();
        Assert.Equal(Hex.Parse("0c 00 20 00 01 00 00 00 00 00 00 00 10 00 00 00 00 00 00 00 08 00 00 00 00 00 10 00 00 00 00 00"), Hear());
        Assert.Equal(DynamicMemoryState.Idle, _provider.State);
    }

    [Fact]
    public void Nothing_is_asked_in_the_quiet_time()
    {
        StartRunning(new DynamicMemoryOptions { QuietTime = TimeSpan.FromSeconds(50) });
        _provider.Balloon(5);
        Clock.Advance(TimeSpan.FromSeconds(49));
        Assert.Null(_channel.In.Take());
        Assert.Equal(1, _provider.Outstanding);
        Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(6, Hear()[0]);
    }

    [Theory]
    [InlineData("07 00 10 00 01 00 00 00 00 00 00 00 00 00 00 00")]
    [InlineData("09 00 08 00 01 00 00 00")]
    [InlineData("0b 00 10 00 01 00 00 00 00 00 00 00 00 00 00 00")]
    [InlineData("01 00 10 00 01 00 00 00 00 00 02 00 00 00 00 00")]
    [InlineData("03 00 20 00 02 00 00 00 1f 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 ff ff ff ff ff ff ff ff")]
    [InlineData("05 00 28 00 03 00 00 00 01 00 00 00 00 00 00 00 02 00 00 00 00 00 00 00 01 00 00 00 00 00 00 00 02 00 00 00 00 00 00 00")]
    [InlineData("06 00 10 00 01 00 00 00 00 00 00 00 00 00 00 00")]
    [InlineData("05 00 30 00 01 00 00 00")]
    [InlineData("05 00 04 00 01 00 00 00")]
    public void Wrong_states_sizes_and_types_are_reported_and_ignored(string message)
    {
        StartRunning();
        Say(message);
        Assert.Single(Host.GuestErrors);
        Assert.Equal(DynamicMemoryState.Idle, _provider.State);
        Assert.Null(_channel.In.Take());
    }

    [Fact]
    public void Every_fault_is_a_message()
    {
        StartRunning();
        foreach (var fault in Enum.GetValues<DynamicMemoryFault>())
        {
            _provider.Commit(fault);
            Settle();
            Assert.NotNull(_channel.In.Take());
        }
    }

    [Fact]
    public void A_reopened_channel_starts_anew()
    {
        StartRunning();
        _provider.Balloon(5);
        Settle();
        Hear();
        Say(Ranges(7, 0, 1 << 1, new PageRange(0x1000, 5)));
        Post(HandGuest.Words(7, 0, 1));
        Assert.Equal((DynamicMemoryState.Closed, 0UL), (_provider.State, _provider.Ballooned.Count));
        Post(HandGuest.Words(11, 0, 1, _channel.Gpadl));
        Guest.Take();
        Post(HandGuest.Words(16, 0));
        Guest.Take();
        _channel = OpenChannel(ConnectAndList(0x50003)[0], 3, 3);
        Say("01 00 10 00 01 00 00 00 03 00 00 00 01 00 00 00");
        Assert.Equal(1, Hear()[8]);
        Assert.Equal(3u, _provider.Version);
    }
}
