using System.Runtime.CompilerServices;
using GuestOS.Drivers.VmBus.Connections;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Messages;
using Xunit;

namespace GuestOS.Drivers.VmBus.Tests.Connections;

/// <summary>The table of 2.2 of the protocol, and rules V1 and V2.</summary>
public sealed class MessageTableTests
{
    /// <summary>Type, comes from the host, least size, first version: written down from the protocol, not from the code.</summary>
    public static TheoryData<uint, bool, int, uint> Rows => new()
    {
        { 1, true, 196, 0xD }, { 2, true, 12, 0xD }, { 3, false, 8, 0xD }, { 4, true, 8, 0xD }, { 5, false, 148, 0xD }, { 6, true, 20, 0xD },
        { 7, false, 12, 0xD }, { 8, false, 28, 0xD }, { 9, false, 16, 0xD }, { 10, true, 20, 0xD }, { 11, false, 16, 0xD }, { 12, true, 12, 0xD },
        { 13, false, 12, 0xD }, { 14, false, 40, 0xD }, { 15, true, 10, 0xD }, { 16, false, 8, 0xD }, { 17, true, 8, 0xD }, { 18, false, 28, 0x40000 },
        { 19, false, 20, 0xD }, { 20, true, 12, 0x40000 }, { 21, false, 40, 0x40000 }, { 22, false, 16, 0x40001 }, { 23, true, 44, 0x40001 },
        { 24, true, 16, 0x50003 }, { 25, false, 24, 0x60000 }, { 26, true, 9, 0x60000 }, { 27, false, 8, 0x60000 }, { 28, true, 8, 0x60000 },
        { 29, false, 8, 0x60000 },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Every_message_has_its_row(uint type, bool comesFromHost, int size, uint since)
    {
        Assert.True(MessageTable.TryGet((MessageType)type, out var entry));
        Assert.Equal(((MessageType)type, comesFromHost, size, since), (entry.Type, entry.Handler is not null, entry.MinimumSize, entry.Since.Value));
    }

    [Fact]
    public void The_table_ends_where_the_protocol_ends()
    {
        Assert.Equal(Enum.GetValues<MessageType>().Where(type => type != MessageType.Invalid), MessageTable.All.ToArray().Select(entry => entry.Type));
        Assert.False(MessageTable.TryGet(MessageType.Invalid, out _));
        Assert.False(MessageTable.TryGet((MessageType)30, out _));
        Assert.False(MessageTable.TryGet((MessageType)0xFFFF_FFFF, out _));
    }

    [Fact]
    public void Structs_are_no_larger_than_what_the_table_demands()
    {
        Assert.Equal(196, Unsafe.SizeOf<OfferChannel>());
        Assert.Equal(12, Unsafe.SizeOf<RelIdMessage>());
        Assert.Equal(20, Unsafe.SizeOf<OpenChannelResult>());
        Assert.Equal(20, Unsafe.SizeOf<GpadlCreated>());
        Assert.Equal(12, Unsafe.SizeOf<GpadlTorndown>());
        Assert.Equal(16, Unsafe.SizeOf<ModifyChannelResponse>());
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void V1_V2_what_is_short_or_not_the_hosts_to_say_is_dropped(uint type, bool comesFromHost, int size, uint since)
    {
        _ = since;
        using var bus = new BusFixture();
        bus.Connect();
        var before = bus.Bus.Counters;
        var message = new byte[size - 1];
        message[0] = (byte)type;
        bus.Host.Send(message);
        bus.Host.Send(new byte[] { (byte)type });
        bus.Host.Send([]);
        bus.Settle();
        var after = bus.Bus.Counters;
        var isWhole = size > 8;
        Assert.Equal(before.MessagesReceived + 3, after.MessagesReceived);
        Assert.Equal(
            comesFromHost || !isWhole ? 3 : 2,
            after.ShortMessages - before.ShortMessages);
        Assert.Equal(comesFromHost || !isWhole ? 0 : 1, after.UnknownMessages - before.UnknownMessages);
        Assert.Equal(VmBusState.Connected, bus.Bus.State);
    }

    [Theory]
    [InlineData(24u, 0x50002u)]
    [InlineData(26u, 0x50003u)]
    [InlineData(23u, 0x40000u)]
    [InlineData(20u, 0x30000u)]
    public void What_the_version_does_not_have_is_unknown(uint type, uint version)
    {
        using var bus = new BusFixture(new VmBusVersion(version));
        bus.Connect();
        var message = new byte[240];
        message[0] = (byte)type;
        bus.Host.Send(message);
        bus.Settle();
        Assert.Equal((1L, 0L, 0L), (bus.Bus.Counters.UnknownMessages, bus.Bus.Counters.UnknownIds, bus.Bus.Counters.LateAnswers));
    }

    [Theory]
    [InlineData(20u)]
    [InlineData(23u)]
    [InlineData(26u)]
    [InlineData(28u)]
    public void Answers_to_what_this_guest_never_asks_are_late(uint type)
    {
        using var bus = new BusFixture();
        bus.Connect();
        var message = new byte[240];
        message[0] = (byte)type;
        bus.Host.Send(message);
        bus.Settle();
        Assert.Equal(1, bus.Bus.Counters.LateAnswers);
    }

    [Fact]
    public void Any_bytes_are_survived()
    {
        var random = new Random(11);
        for (var round = 0; round < 200; round++)
        {
            using var bus = new BusFixture(VmBusVersion.All[random.Next(VmBusVersion.All.Count)], seed: round);
            bus.Host.Offers.Add(ScriptedHost.Offer(1));
            bus.Connect();
            for (var i = 0; i < 40; i++)
            {
                var message = new byte[random.Next(241)];
                random.NextBytes(message);
                if (message.Length >= 8)
                {
                    BitConverter.TryWriteBytes(message, random.Next(32));
                    if (random.Next(2) == 0 && message.Length >= 12)
                        BitConverter.TryWriteBytes(message.AsSpan(8), random.Next(3));
                }

                bus.Host.Send(message);
            }

            bus.Settle();
            Assert.Equal(VmBusState.Connected, bus.Bus.State);
            Assert.True(bus.Run(bus.Bus.UnloadAsync()));
        }
    }
}
