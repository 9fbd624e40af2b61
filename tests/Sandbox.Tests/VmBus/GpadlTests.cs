using GuestOS.Sandbox.VmBus;
using Xunit;

namespace GuestOS.Sandbox.Tests.VmBus;

public sealed class GpadlTests : BusTest
{
    private const uint Failure = 0x8000FFFF;

    /// <summary>Header of protocol 11.3, with frames of this guest.</summary>
    private static byte[] Header(uint handle, uint bytes, uint offset, ushort length, params ulong[] frames)
    {
        var message = HandGuest.Words(8, 0, 1, handle, length | (1u << 16), bytes, offset);
        Array.Resize(ref message, 28 + (8 * frames.Length));
        for (var i = 0; i < frames.Length; i++)
            BitConverter.TryWriteBytes(message.AsSpan(28 + (8 * i)), frames[i]);
        return message;
    }

    private ulong Frame => Guest.Allocate(1).PhysicalAddress.Value / 4096;

    private void StartWithChannel(VmBusHostOptions? options = null, uint version = 0x40000)
    {
        Start(options);
        Host.Offer(new RecordingProvider());
        ConnectAndList(version, at16: 0);
    }

    private uint StatusOf(byte[] message)
    {
        Post(message);
        var answer = Guest.Take();
        Assert.Equal((10u, 20), (HandGuest.Word(answer, 0), answer.Length));
        return HandGuest.Word(answer, 16);
    }

    [Fact]
    public void The_worked_example_of_a_gpadl()
    {
        StartWithChannel();
        Post(Header(0xE1E10, 0x3000, 0, 32, Frame, Frame, Frame));
        Assert.Equal(Hex.Parse("0a 00 00 00 00 00 00 00 01 00 00 00 10 1e 0e 00 00 00 00 00"), Guest.Take());
        Post(HandGuest.Words(11, 0, 1, 0xE1E10));
        Assert.Equal(Hex.Parse("0c 00 00 00 00 00 00 00 10 1e 0e 00"), Guest.Take());
        Assert.Empty(Host.GuestErrors);
    }

    [Theory]
    [InlineData(26)]
    [InlineData(27)]
    [InlineData(54)]
    [InlineData(55)]
    [InlineData(600)]
    public void Bodies_follow_their_header(int pages)
    {
        StartWithChannel();
        using var buffer = Guest.Allocate(pages);
        var messages = Guest.Gpadl(1, buffer, out var handle).ToList();
        Assert.Equal(pages <= 26 ? 1 : 1 + ((pages - 26 + 27) / 28), messages.Count);
        foreach (var message in messages[..^1])
        {
            Post(message);
            Assert.Empty(Guest.Messages);
        }

        Post(messages[^1]);
        Assert.Equal((10u, handle, 0u), (HandGuest.Word(Guest.Messages.Peek().Payload, 0), HandGuest.Word(Guest.Messages.Peek().Payload, 12), HandGuest.Word(Guest.Take(), 16)));
        Post(HandGuest.Words(11, 0, 1, handle));
        Guest.Take();
    }

    [Fact]
    public void Two_gpadls_may_interleave()
    {
        StartWithChannel();
        var first = Guest.Gpadl(1, Guest.Allocate(40), out _).ToList();
        var second = Guest.Gpadl(1, Guest.Allocate(40), out _).ToList();
        Post(first[0]);
        Post(second[0]);
        Post(second[1]);
        Post(first[1]);
        Assert.Equal([0xE1E11u, 0xE1E10u], [HandGuest.Word(Guest.Take(), 12), HandGuest.Word(Guest.Take(), 12)]);
    }

    [Fact]
    public void What_is_beyond_the_announced_length_is_ignored()
    {
        StartWithChannel();
        Assert.Equal(0u, StatusOf(Header(1, 0x1000, 0, 16, Frame, 0xDEAD, 0xBEEF)));
    }

    [Fact]
    public void Bad_ones_are_refused()
    {
        StartWithChannel();
        Assert.Equal(Failure, StatusOf(Header(1, 0, 0, 16, Frame)));
        Assert.Equal(Failure, StatusOf(Header(1, 0x1000, 0x1000, 24, Frame, Frame)));
        Assert.Equal(Failure, StatusOf(Header(1, 0x2000, 0, 16, Frame)));
        Assert.Equal(Failure, StatusOf(Header(1, 0x1000, 1, 16, Frame)));
        Assert.Equal(Failure, StatusOf(Header(1, 0xFFFFFFFF, 0, 16, Frame)));
        Assert.Equal(Failure, StatusOf(Header(1, 0x1000, 0, 4)));
        Assert.Equal(Failure, StatusOf(Header(1, 0x1000, 0, 16, 0xFFFF_FFFF_FFFF)));
        var two = Header(1, 0x1000, 0, 16, Frame);
        two[18] = 2;
        Assert.Equal(Failure, StatusOf(two));
        two[18] = 0;
        Assert.Equal(Failure, StatusOf(two));
        Assert.Equal(9, Host.GuestErrors.Count);
        Assert.Equal(0, Host.GpadlCount);
        Assert.Equal(0u, StatusOf(Header(1, 0x1000, 0, 16, Frame)));
        Assert.Equal(Failure, StatusOf(Header(1, 0x1000, 0, 16, Frame)));
    }

    [Fact]
    public void Qemu_says_nothing_to_bad_ones()
    {
        StartWithChannel(VmBusHostOptions.Qemu);
        Post(Header(1, 0, 0, 16, Frame));
        Assert.Empty(Guest.Messages);
        Assert.Single(Host.GuestErrors);
    }

    [Fact]
    public void The_sum_of_all_is_limited()
    {
        StartWithChannel(new VmBusHostOptions { MostGpadlBytes = 0x3000 });
        Assert.Equal(0u, StatusOf(Header(1, 0x2000, 0, 24, Frame, Frame)));
        Assert.Equal(Failure, StatusOf(Header(2, 0x2000, 0, 24, Frame, Frame)));
        Assert.Equal(0u, StatusOf(Header(3, 0x1000, 0, 16, Frame)));
    }

    [Fact]
    public void Their_number_is_limited_with_those_that_are_not_complete()
    {
        StartWithChannel(new VmBusHostOptions { MostGpadls = 2 });
        Assert.Equal(0u, StatusOf(Header(1, 0x1000, 0, 16, Frame)));
        Post(Header(2, 0x2000, 0, 24, Frame));
        Assert.Empty(Guest.Messages);
        Assert.Equal(Failure, StatusOf(Header(3, 0x1000, 0, 16, Frame)));
    }

    [Fact]
    public void Strays_are_ignored()
    {
        StartWithChannel();
        Post(HandGuest.Words(9, 0, 0, 5, 1, 0));
        Post(HandGuest.Words(11, 0, 1, 5));
        Post(HandGuest.Words(11, 0, 9, 5));
        var stray = Header(1, 0x1000, 0, 16, Frame);
        stray[8] = 9;
        Post(stray);
        Assert.Empty(Guest.Messages);
        Assert.Equal(4, Host.GuestErrors.Count);
    }

    [Fact]
    public void The_ring_of_an_open_channel_is_not_torn_down()
    {
        Start();
        Host.Offer(new RecordingProvider());
        var channel = OpenChannel(ConnectAndList(0x50003)[0]);
        Post(HandGuest.Words(11, 0, 1, channel.Gpadl));
        Assert.Empty(Guest.Messages);
        Assert.Single(Host.GuestErrors);
        Post(HandGuest.Words(7, 0, 1));
        Assert.Empty(Guest.Messages);
        Post(HandGuest.Words(11, 0, 1, channel.Gpadl));
        Assert.Equal(12, Guest.Take()[0]);
    }

    [Fact]
    public void Memory_is_shared_until_torndown()
    {
        Start();
        var provider = new RecordingProvider();
        Host.Offer(provider);
        OpenChannel(ConnectAndList(0x50003)[0]);
        var buffer = Guest.Allocate(3);
        var handle = CreateGpadl(1, buffer);
        var shared = Assert.Single(provider.Buffers);
        buffer.GetSpan()[0x1FFF] = 0x5A;
        var two = new byte[2];
        Assert.True(shared.TryRead(0x1FFF, two));
        Assert.Equal(0x5A, two[0]);
        Assert.True(shared.TryWrite(0x2FFF, [7]));
        Assert.Equal(7, buffer.GetSpan()[0x2FFF]);
        Assert.False(shared.TryWrite(0x2FFF, two));
        Assert.False(shared.TryRead(-1, two));
        Assert.Equal(2, Host.GuestErrors.Count);
        Post(HandGuest.Words(11, 0, 1, handle));
        Assert.True(shared.IsReleased);
        Assert.False(shared.TryRead(0, two));
        buffer.Dispose();
        Assert.Empty(Memory.Violations);
    }
}
