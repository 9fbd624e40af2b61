using GuestOS.Drivers.VmBus.Protocol.Messages;
using GuestOS.Sandbox.VmBus;
using Xunit;

namespace GuestOS.Sandbox.Tests.VmBus;

/// <summary>What a hostile host sends.</summary>
public sealed class FaultTests : BusTest
{
    public static TheoryData<MessageFaultKind, int, string> Messages => new()
    {
        { MessageFaultKind.Short, 1, "0a 00 00 00 00 00 00 00 01 00 00 00 10 1e 0e 00 00 00 00" },
        { MessageFaultKind.Empty, 1, "" },
        { MessageFaultKind.UnknownType, 1, "28 00 00 00 00 00 00 00 01 00 00 00 10 1e 0e 00 00 00 00 00" },
        { MessageFaultKind.GuestType, 1, "05 00 00 00 00 00 00 00 01 00 00 00 10 1e 0e 00 00 00 00 00" },
        { MessageFaultKind.WrongRelId, 1, "0a 00 00 00 00 00 00 00 f1 06 00 00 10 1e 0e 00 00 00 00 00" },
        { MessageFaultKind.ZeroRelId, 1, "0a 00 00 00 00 00 00 00 00 00 00 00 10 1e 0e 00 00 00 00 00" },
        { MessageFaultKind.HugeRelId, 1, "0a 00 00 00 00 00 00 00 ff ff ff ff 10 1e 0e 00 00 00 00 00" },
        { MessageFaultKind.WrongHandle, 1, "0a 00 00 00 00 00 00 00 01 00 00 00 ad db ba 00 00 00 00 00" },
        { MessageFaultKind.Failure, 1, "0a 00 00 00 00 00 00 00 01 00 00 00 10 1e 0e 00 ff ff 00 80" },
        { MessageFaultKind.Saturated, 1, "0a 00 00 00 ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff" },
        { MessageFaultKind.Twice, 2, "0a 00 00 00 00 00 00 00 01 00 00 00 10 1e 0e 00 00 00 00 00" },
        { MessageFaultKind.Never, 0, "" },
        { MessageFaultKind.Late, 0, "" },
    };

    private void PostGpadl()
    {
        foreach (var message in Guest.Gpadl(1, Guest.Allocate(4), out _))
            Post(message);
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void A_message_is_spoilt_once_and_the_trace_says_so(MessageFaultKind kind, int count, string bytes)
    {
        Start();
        Host.Offer(new RecordingProvider());
        Host.Faults.Add(new MessageFault(kind) { Only = MessageType.GpadlCreated });
        ConnectAndList(0x50003);
        PostGpadl();
        Assert.Equal(count, Guest.Messages.Count);
        Assert.All(Guest.Messages, message => Assert.Equal(Hex.Parse(bytes), message.Payload));
        Assert.Single(Host.Trace.Of(TraceKind.Fault));
        Clock.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal(kind == MessageFaultKind.Late ? 1 : count, Guest.Messages.Count);
        Guest.Messages.Clear();
        PostGpadl();
        Assert.Equal(0u, HandGuest.Word(Guest.Take(), 16));
    }

    [Fact]
    public void A_long_message_and_a_relid_in_an_offer()
    {
        Start();
        Host.Offer(new RecordingProvider());
        Host.Faults.Add(new MessageFault(MessageFaultKind.Long) { Only = MessageType.VersionResponse });
        Host.Faults.Add(new MessageFault(MessageFaultKind.HugeRelId) { Only = MessageType.OfferChannel });
        Assert.Equal([.. Hex.Parse("0f 00 00 00 00 00 00 00 01 00 00 00 1f 00 00 00"), .. Enumerable.Repeat((byte)0xFF, 224)], Connect(0x50003));
        Post(HandGuest.Words(3, 0));
        Assert.Equal(0xFFFFFFFFu, HandGuest.Word(Guest.Take(), 184));
    }

    [Fact]
    public void Skip_and_count_choose_the_place()
    {
        Start();
        Host.Faults.Add(new MessageFault(MessageFaultKind.Never) { Skip = 1, Count = 2 });
        foreach (var answered in new[] { true, false, false, true })
        {
            Post(HandGuest.Contact(0x50003, 0, 2), 4);
            Assert.Equal(answered, Guest.Messages.TryDequeue(out _));
        }
    }

    [Fact]
    public void Raw_messages_go_to_the_guest()
    {
        Start();
        Connect(0x50003);
        Host.PostRaw([1, 2, 3]);
        Settle();
        Assert.Equal([1, 2, 3], Guest.Take());
        Assert.Throws<ArgumentException>(() => Host.PostRaw(new byte[241]));
    }

    public static TheoryData<PacketFaultKind> Packets => [.. Enum.GetValues<PacketFaultKind>()];

    [Theory]
    [MemberData(nameof(Packets))]
    public void A_ring_is_spoilt_as_it_says(PacketFaultKind kind)
    {
        Start();
        var provider = new RecordingProvider();
        Host.Offer(provider);
        Host.Faults.Add(new PacketFault(kind) { Skip = 1 });
        var channel = OpenChannel(ConnectAndList(0x50003)[0]);
        provider.Opened[0].SendInBand([1, 2, 3, 4, 5, 6, 7, 8], 0x55);
        Settle();
        Assert.Equal(32, channel.In.Take()!.Length);
        provider.Opened[0].SendInBand([1, 2, 3, 4, 5, 6, 7, 8], 0x55);
        Settle();
        var sound = Hex.Parse("06 00 02 00 03 00 00 00 55 00 00 00 00 00 00 00 01 02 03 04 05 06 07 08 00 00 00 00 20 00 00 00");
        var there = channel.In.Peek(32);
        byte[] With(int offset, params byte[] bytes)
        {
            var copy = (byte[])sound.Clone();
            bytes.CopyTo(copy, offset);
            return copy;
        }

        switch (kind)
        {
            case PacketFaultKind.LengthZero: Assert.Equal(With(4, 0, 0), there); break;
            case PacketFaultKind.LengthBeyond: Assert.Equal(With(4, 0xFF, 0xFF), there); break;
            case PacketFaultKind.OffsetBelow: Assert.Equal(With(2, 1), there); break;
            case PacketFaultKind.OffsetBeyond: Assert.Equal(With(2, 9), there); break;
            case PacketFaultKind.UnknownType: Assert.Equal(With(0, 0x77), there); break;
            case PacketFaultKind.UnknownTransaction: Assert.Equal(With(8, 0x76, 1, 0, 0, 0, 0, 0, 0x80), there); break;
            case PacketFaultKind.Saturated: Assert.Equal(With(16, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF), there); break;
            case PacketFaultKind.PayloadChanges: Assert.All(there[16..], value => Assert.Equal(0xFF, value)); break;
            case PacketFaultKind.HeaderChanges: Assert.All(there[..16], value => Assert.Equal(0xFF, value)); break;
            case PacketFaultKind.NoPayload: Assert.Equal(2, there[4]); break;
            case PacketFaultKind.Noise: Assert.Equal(sound[..16], there[..16]); break;
            case PacketFaultKind.CountSaturated: Assert.Equal((7, 0xFFFFFFFFu), (there[0], HandGuest.Word(there, 20))); break;
            case PacketFaultKind.Twice: Assert.Equal(96u, channel.In.In); break;
            case PacketFaultKind.Never: Assert.Equal(32u, channel.In.In); break;
            case PacketFaultKind.WriteIndexUnaligned: Assert.Equal(36u, channel.In.In); break;
            case PacketFaultKind.WriteIndexBeyond: Assert.Equal(4104u, channel.In.In); break;
            case PacketFaultKind.WriteIndexHuge: Assert.Equal(0xFFFFFFF8u, channel.In.In); break;
            case PacketFaultKind.WriteIndexMoves: Assert.Equal(64u, channel.In.In); break;
            case PacketFaultKind.ReadIndexUnaligned: Assert.Equal(4u, channel.Out.Out); break;
            case PacketFaultKind.ReadIndexBeyond: Assert.Equal(4096u, channel.Out.Out); break;
            case PacketFaultKind.PendingHuge: Assert.Equal(0xFFFFFFFFu, channel.In.Pending); break;
            case PacketFaultKind.MaskNoise: Assert.Equal(0xA5A5A5A5u, channel.Out.Mask); break;
            case PacketFaultKind.Storm: Assert.Equal(18, provider.Opened[0].Interrupts); break;
            default: Assert.Fail($"{kind} is not tested"); break;
        }

        Assert.Single(Host.Trace.Of(TraceKind.Fault));
    }

    [Fact]
    public void A_seed_decides_and_decides_the_same_again()
    {
        string Run()
        {
            Start();
            Host.Offer(new RecordingProvider());
            Host.Faults.Seed(7, 0.5, 0);
            for (var i = 0; i < 40; i++)
                Post(HandGuest.Contact(0x50003, 0, 2), 4);
            Clock.Advance(TimeSpan.FromSeconds(1));
            var text = Host.Trace.ToString();
            Assert.InRange(Host.Faults.Committed, 10, 30);
            Dispose();
            return text;
        }

        Assert.Equal(Run(), Run());
    }

    [Fact]
    public void The_host_acts_inside_of_the_guests_barriers()
    {
        Start();
        var provider = new RecordingProvider { Echoes = true };
        Host.Offer(provider);
        var channel = OpenChannel(ConnectAndList(0x50003)[0]);
        using (var interleaver = new Interleaver(Memory, Host, seed: 3))
        {
            channel.Out.PutPacket(6, 0, 1, default, [9]);
            Guest.Signal(channel.Connection);
            Assert.Empty(provider.Packets);
            for (var i = 0; i < 200; i++)
                Memory.FullBarrier();
            // Without the clock: the packet was read and answered in the guest's own barriers.
            Assert.Equal(9, channel.In.Take()![16]);
            Assert.InRange(interleaver.Steps, 6, 20);
        }

        Settle();
        Assert.Single(provider.Packets);
    }
}
