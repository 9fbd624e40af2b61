using GuestOS.Machine;
using GuestOS.Sandbox.Network;
using GuestOS.Sandbox.Tests.VmBus;
using Xunit;

namespace GuestOS.Sandbox.Tests.Network;

/// <summary>The host's network adapter against messages of protocol 6 and 11.7 by hand.</summary>
public sealed class NetworkProviderTests : BusTest
{
    private const int Reserved = 40;
    private readonly NetworkSwitch _switch = new();
    private NetworkProvider _provider = null!;
    private HandChannel _channel = null!;
    private DmaBuffer _receive = null!;
    private DmaBuffer _page = null!;
    private ulong _id;

    private void StartOpen(NetworkOptions? options = null)
    {
        _provider = new NetworkProvider(_switch, options);
        Start();
        Host.Offer(_provider);
        _channel = OpenChannel(ConnectAndList(0x50003)[0], 4, 4);
        _page = Guest.Allocate(1);
    }

    private void StartRunning(NetworkOptions? options = null)
    {
        StartOpen(options);
        Say(1, 0x60001, 0x60001);
        Hear();
        Say(125, 1514, 0, 8, 0);
        Hear();
        Say(100, 6, 30);
        Hear();
        _receive = Guest.Allocate(16);
        Say(101, CreateGpadl(_channel.RelId, _receive), 0xCAFE);
        Hear();
        Say(104, CreateGpadl(_channel.RelId, Guest.Allocate(16)), 0);
        Hear();
        SayRndis("02 00 00 00 18 00 00 00 01 00 00 00 01 00 00 00 00 00 00 00 00 40 00 00");
        HearRndis();
    }

    /// <summary>An NVSP message of 40 bytes that wants a completion.</summary>
    private void Say(params ReadOnlySpan<uint> words)
    {
        var message = new byte[Reserved];
        HandGuest.Words(words).CopyTo(message, 0);
        _channel.Out.PutPacket(6, 1, ++_id, default, message);
        Signal(_channel);
    }

    /// <summary>An RNDIS message by address, as 11.7 has it.</summary>
    private void SayRndis(string text, uint channelType = 1)
    {
        var message = Hex.Parse(text);
        message.CopyTo(_page.GetSpan());
        var range = new byte[24];
        BitConverter.TryWriteBytes(range.AsSpan(4), 1u);
        BitConverter.TryWriteBytes(range.AsSpan(8), (uint)message.Length);
        BitConverter.TryWriteBytes(range.AsSpan(16), _page.PhysicalAddress.Value / 4096);
        var envelope = new byte[Reserved];
        HandGuest.Words(107, channelType, 0xFFFF_FFFF, 0).CopyTo(envelope, 0);
        _channel.Out.PutPacket(9, 1, ++_id, range, envelope);
        Signal(_channel);
    }

    /// <summary>Payload of the completion of what was said last; those before it are skipped.</summary>
    private byte[] Hear()
    {
        byte[]? packet;
        do
        {
            packet = _channel.In.Take();
            Assert.NotNull(packet);
            Assert.Equal(11, packet[0]);
        }
        while (BitConverter.ToUInt64(packet, 8) != _id);
        return packet[16..^8];
    }

    /// <summary>The next message in the receive buffer, completed; completions of what was said before are skipped.</summary>
    private byte[] HearRndis(uint status = 1)
    {
        byte[]? packet;
        do
        {
            packet = _channel.In.Take();
            Assert.NotNull(packet);
        }
        while (packet[0] == 11);
        Assert.Equal((7, 0xCAFE, 1u), (packet[0], BitConverter.ToUInt16(packet, 16), BitConverter.ToUInt32(packet, 20)));
        var message = _receive.GetSpan().Slice(BitConverter.ToInt32(packet, 28), BitConverter.ToInt32(packet, 24)).ToArray();
        _channel.Out.PutPacket(11, 0, BitConverter.ToUInt64(packet, 8), default, HandGuest.Words(108, status));
        Signal(_channel);
        return message;
    }

    [Fact]
    public void The_set_up_is_answered_as_the_protocol_says()
    {
        StartOpen();
        Say(1, 0x70000, 0x70000);
        Assert.Equal(Hex.Parse("02 00 00 00 ff ff ff ff 22 00 00 00 00 00 00 00"), Hear()[..16]);
        Say(1, 0x60001, 0x60001);
        Assert.Equal(Hex.Parse("02 00 00 00 ff ff ff ff 22 00 00 00 01 00 00 00"), Hear()[..16]);
        Say(125, 1514, 0, 8, 0);
        Assert.Empty(Hear());
        Say(100, 6, 30);
        Assert.Empty(Hear());
        _receive = Guest.Allocate(16);
        Say(101, CreateGpadl(_channel.RelId, _receive), 0xCAFE);

        // 65536 bytes / 1806: 36 sub-allocations, which end at 65016.
        Assert.Equal(Hex.Parse("66 00 00 00 01 00 00 00 01 00 00 00 00 00 00 00 0e 07 00 00 24 00 00 00 f8 fd 00 00"), Hear()[..28]);
        Say(104, CreateGpadl(_channel.RelId, Guest.Allocate(16)), 0);
        Assert.Equal(Hex.Parse("69 00 00 00 01 00 00 00 00 18 00 00"), Hear()[..12]);
        SayRndis("02 00 00 00 18 00 00 00 01 00 00 00 01 00 00 00 00 00 00 00 00 40 00 00");
        Assert.Equal(
            Hex.Parse("""
                02 00 00 80 34 00 00 00 01 00 00 00 00 00 00 00
                01 00 00 00 00 00 00 00 01 00 00 00 00 00 00 00
                08 00 00 00 ff ff ff ef 03 00 00 00 00 00 00 00
                00 00 00 00
                """),
            HearRndis());
        Assert.Equal(NetworkStage.Running, _provider.Stage);
        Assert.Empty(Host.GuestErrors);
    }

    [Theory]
    [InlineData(new uint[] { 101, 0xE1E10, 0xCAFE })]
    [InlineData(new uint[] { 125, 1514, 0, 8, 0 })]
    [InlineData(new uint[] { 133, 1, 1 })]
    [InlineData(new uint[] { 107, 1, 0xFFFFFFFF, 0 })]
    [InlineData(new uint[] { 77 })]
    public void Out_of_order_stops_the_channel(uint[] words)
    {
        StartOpen();
        Say(words);
        Assert.NotNull(_provider.Stage == NetworkStage.Version ? Host.Channels[0].Session?.Failure : null);
        Say(1, 0x60001, 0x60001);
        Assert.Null(_channel.In.Take());
    }

    [Fact]
    public void The_first_message_of_rndis_is_initialize()
    {
        StartOpen();
        Say(1, 2, 2);
        Hear();
        Say(101, CreateGpadl(_channel.RelId, Guest.Allocate(16)), 0xCAFE);
        Hear();
        Say(104, CreateGpadl(_channel.RelId, Guest.Allocate(16)), 0);
        Hear();
        SayRndis("04 00 00 00 1c 00 00 00 01 00 00 00 06 01 01 00 00 00 00 00 14 00 00 00 00 00 00 00");
        Assert.Contains("in stage Initialize", Host.Channels[0].Session!.Failure);
    }

    [Fact]
    public void Values_are_told_and_set()
    {
        StartRunning();
        SayRndis("04 00 00 00 1c 00 00 00 02 00 00 00 01 01 01 01 00 00 00 00 14 00 00 00 00 00 00 00");
        Assert.Equal(Hex.Parse("04 00 00 80 1e 00 00 00 02 00 00 00 00 00 00 00 06 00 00 00 10 00 00 00 00 15 5d 00 00 01"), HearRndis());
        SayRndis("05 00 00 00 20 00 00 00 03 00 00 00 0e 01 01 00 04 00 00 00 14 00 00 00 00 00 00 00 0d 00 00 00");
        Assert.Equal(Hex.Parse("05 00 00 80 10 00 00 00 03 00 00 00 00 00 00 00"), HearRndis());
        Assert.Equal(0xDu, _provider.Filter);
        SayRndis("04 00 00 00 1c 00 00 00 04 00 00 00 78 56 34 12 00 00 00 00 14 00 00 00 00 00 00 00");
        Assert.Equal(Hex.Parse("04 00 00 80 18 00 00 00 04 00 00 00 17 00 01 c0 00 00 00 00 00 00 00 00"), HearRndis());
        Assert.Empty(Host.GuestErrors);
    }

    [Fact]
    public void A_frame_goes_out_and_one_comes_in()
    {
        StartRunning(new NetworkOptions { PlacesFramesFar = false });
        var seen = new List<byte[]>();
        _switch.Received = frame => seen.Add(frame.Data);
        SayRndis("05 00 00 00 20 00 00 00 03 00 00 00 0e 01 01 00 04 00 00 00 14 00 00 00 00 00 00 00 09 00 00 00");
        HearRndis();
        SayRndis("""
            01 00 00 00 3a 00 00 00 24 00 00 00 0e 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
            00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 ff ff ff ff ff ff 00 15 5d 00 00 01 88 b5
            """, channelType: 0);
        Assert.Equal(Hex.Parse("6c 00 00 00 01 00 00 00"), Hear());
        Assert.Equal(Hex.Parse("ff ff ff ff ff ff 00 15 5d 00 00 01 88 b5"), Assert.Single(seen));
        _switch.Inject(new SwitchFrame(Hex.Parse("00 15 5d 00 00 01 02 00 00 00 00 09 88 b5 aa bb")) { Vlan = 0xA07B });
        Settle();
        Assert.Equal(
            Hex.Parse("""
                01 00 00 00 4c 00 00 00 34 00 00 00 10 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
                24 00 00 00 10 00 00 00 00 00 00 00 00 00 00 00
                10 00 00 00 06 00 00 00 0c 00 00 00 b5 07 00 00
                00 15 5d 00 00 01 02 00 00 00 00 09 88 b5 aa bb
                """),
            HearRndis());
        Assert.Equal((1L, 1L, 0), (_provider.Taken, _provider.Delivered, _provider.Outstanding));
        Assert.Empty(Host.GuestErrors);
    }

    [Fact]
    public void A_frame_that_is_not_whole_stops_the_channel()
    {
        StartRunning();
        SayRndis("01 00 00 00 2c 00 00 00 24 00 00 00 0e 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00", channelType: 0);
        Assert.Contains("with data at 36 of 14", Host.Channels[0].Session!.Failure);
    }
}
