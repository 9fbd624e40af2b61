using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Drivers.VmBus.Protocol.Messages;
using GuestOS.Drivers.VmBus.Protocol.Rings;
using Xunit;

namespace GuestOS.Drivers.VmBus.Tests.Protocol;

/// <summary>The worked bytes of the protocol's section 11, and values of its tables.</summary>
public sealed class LiteralTests
{
    [Fact]
    public void Initiate_contact_for_5_3()
    {
        var message = new InitiateContact
        {
            Header = { Type = MessageType.InitiateContact },
            Version = VmBusVersion.V5_3,
            TargetVp = new VpIndex(0),
            Target = InitiateContact.PackTarget(Sint.VmBus, 0, FeatureFlags.None),
            ParentToChildMonitor = 0x12346000,
            ChildToParentMonitor = 0x12347000,
        };
        Assert.Equal(
            Hex.Parse("""
                0e 00 00 00 00 00 00 00 03 00 05 00 00 00 00 00
                02 00 00 00 00 00 00 00 00 60 34 12 00 00 00 00
                00 70 34 12 00 00 00 00
                """),
            Hex.Of(message));
    }

    [Fact]
    public void Initiate_contact_for_6_0_carries_trust_level_and_features()
    {
        var target = InitiateContact.PackTarget(Sint.VmBus, 1, FeatureFlags.PauseResume | FeatureFlags.ModifyConnection);
        Assert.Equal(Hex.Parse("02 01 00 00 24 00 00 00"), Hex.Of(target));
    }

    [Fact]
    public void Post_message_block()
    {
        var head = new PostMessageInput { Connection = ConnectionId.Contact, MessageType = PostMessageInput.VmBusMessage, PayloadSize = 0x28 };
        Assert.Equal(Hex.Parse("04 00 00 00 00 00 00 00 01 00 00 00 28 00 00 00"), Hex.Of(head));
        Assert.Equal(0x5CUL, CallControl.Slow(CallCode.PostMessage).Value);
        Assert.Equal(0x1005DUL, CallControl.Fast(CallCode.SignalEvent).Value);
    }

    [Fact]
    public void Version_response_in_its_slot()
    {
        var page = new byte[4096];
        Hex.Parse("""
            01 00 00 00 10 00 00 00 00 00 00 00 00 00 00 00
            0f 00 00 00 00 00 00 00 01 00 00 00 1f 00 00 00
            """).CopyTo(page, 512);
        var slot = MemoryMarshal.Read<SynIcMessage>(page.AsSpan(Sint.VmBus.Value * SynIcMessage.Size));
        Assert.Equal(SynIcMessageType.VmBus, slot.Type);
        Assert.Equal(16, slot.PayloadSize);
        Assert.Equal(0, slot.Flags & SynIcMessage.Pending);
        var response = MemoryMarshal.Read<VersionResponse>(slot.Payload);
        Assert.Equal(MessageType.VersionResponse, response.Header.Type);
        Assert.Equal((1, ConnectionState.Ok, new ConnectionId(0x1F)), (response.Supported, response.State, response.MessageConnection));
    }

    [Fact]
    public void Offer_of_an_IDE_accelerator()
    {
        var bytes = Hex.Parse("""
            01 00 00 00 00 00 00 00 32 26 41 32 cb 86 a2 44
            9b 5c 50 d1 41 73 54 f5 00 00 00 00 01 00 99 88
            00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
            00 00 00 00 00 00 00 00 01 00 00 00 00 00 00 01
            00 00 00 00 02 00 00 00 00 00 00 00 00 00 00 00
            00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
            00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
            00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
            00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
            00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
            00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
            00 00 00 00 00 00 00 00 07 00 00 00 ff 00 01 00
            07 20 00 00
            """);
        var offer = MemoryMarshal.Read<OfferChannel>(bytes);
        Assert.Equal(MessageType.OfferChannel, offer.Header.Type);
        Assert.Equal(ClassIds.Ide, offer.InterfaceType);
        Assert.Equal(new Guid("00000000-0001-8899-0000-000000000000"), offer.Instance);
        Assert.Equal(OfferFlags.EnumerateDeviceInterface, offer.Flags);
        Assert.Equal([0, 0, 0, 1, 0, 0, 0, 0, 2], ((ReadOnlySpan<byte>)offer.UserDefined)[..9].ToArray());
        Assert.Equal(new RelId(7), offer.RelId);
        Assert.Equal(MonitorId.None, offer.MonitorId);
        Assert.Equal((0, 1), (offer.MonitorAllocated, offer.DedicatedInterrupt));
        Assert.Equal(new ConnectionId(0x2007), offer.Connection);
        Assert.Equal(bytes, Hex.Of(offer));
    }

    [Fact]
    public void Gpadl_messages()
    {
        var header = new GpadlHeader
        {
            Header = { Type = MessageType.GpadlHeader },
            RelId = new RelId(7),
            Gpadl = GpadlId.First,
            RangeBufferLength = 32,
            RangeCount = 1,
            ByteCount = 0x3000,
        };
        Assert.Equal(
            Hex.Parse("08 00 00 00 00 00 00 00 07 00 00 00 10 1e 0e 00 20 00 01 00 00 30 00 00 00 00 00 00"),
            Hex.Of(header));
        var created = new GpadlCreated { Header = { Type = MessageType.GpadlCreated }, RelId = new RelId(7), Gpadl = GpadlId.First };
        Assert.Equal(Hex.Parse("0a 00 00 00 00 00 00 00 07 00 00 00 10 1e 0e 00 00 00 00 00"), Hex.Of(created));
        var open = new OpenChannel
        {
            Header = { Type = MessageType.OpenChannel },
            RelId = new RelId(7),
            OpenId = new OpenId(7),
            RingGpadl = new GpadlId(0xE1E11),
            DownstreamPage = 16,
        };
        var bytes = Hex.Of(open);
        Assert.Equal(Hex.Parse("05 00 00 00 00 00 00 00 07 00 00 00 07 00 00 00 11 1e 0e 00 00 00 00 00 10 00 00 00 00 00 00 00"), bytes[..32]);
        Assert.All(bytes[32..], value => Assert.Equal(0, value));
    }

    [Theory]
    [InlineData("6.0", 0x00060000u)]
    [InlineData("5.3", 0x00050003u)]
    [InlineData("5.2", 0x00050002u)]
    [InlineData("5.1", 0x00050001u)]
    [InlineData("5.0", 0x00050000u)]
    [InlineData("4.1", 0x00040001u)]
    [InlineData("4.0", 0x00040000u)]
    [InlineData("3.0", 0x00030000u)]
    [InlineData("2.4", 0x00020004u)]
    [InlineData("1.1", 0x00010001u)]
    [InlineData("0.13", 0x0000000Du)]
    public void Versions(string name, uint value)
    {
        Assert.True(VmBusVersion.TryParse(name, out var version));
        Assert.Equal(value, version.Value);
        Assert.Equal(name, version.ToString());
    }

    [Fact]
    public void Versions_are_tried_from_the_newest_on()
    {
        Assert.Equal(11, VmBusVersion.All.Count);
        Assert.Equal(VmBusVersion.All.OrderByDescending(version => version.Value), VmBusVersion.All);
        Assert.False(VmBusVersion.TryParse("7.0", out _));
        Assert.False(VmBusVersion.TryParse(null, out _));
    }

    [Theory]
    [InlineData(nameof(ClassIds.Scsi), "d9 63 61 ba a1 04 29 4d b6 05 72 e2 ff b1 dc 7f")]
    [InlineData(nameof(ClassIds.Ide), "32 26 41 32 cb 86 a2 44 9b 5c 50 d1 41 73 54 f5")]
    [InlineData(nameof(ClassIds.FibreChannel), "4a cc 9b 2f 69 00 f3 4a b7 6b 6f d0 be 52 8c da")]
    [InlineData(nameof(ClassIds.Network), "63 51 61 f8 3e df c5 46 91 3f f2 d2 f9 65 ed 0e")]
    [InlineData(nameof(ClassIds.DynamicMemory), "dc 74 50 52 85 89 e2 46 80 57 a3 07 dc 18 a5 02")]
    [InlineData(nameof(ClassIds.KeyValue), "e7 f4 a0 a9 45 5a 96 4d b8 27 8a 84 1e 8c 03 e6")]
    [InlineData(nameof(ClassIds.Heartbeat), "39 4f 16 57 15 91 78 4e ab 55 38 2f 3b d5 42 2d")]
    [InlineData(nameof(ClassIds.Shutdown), "31 60 0b 0e 13 52 34 49 81 8b 38 d9 0c ed 39 db")]
    [InlineData(nameof(ClassIds.TimeSync), "30 e6 27 95 ae d0 7b 49 ad ce e8 0a b0 17 5c af")]
    [InlineData(nameof(ClassIds.Backup), "29 2e fa 35 23 ea 36 42 96 ae 3a 6e ba cb a4 40")]
    [InlineData(nameof(ClassIds.FileCopy), "e3 4b d1 34 e4 de c8 41 9a e7 6b 17 49 77 c1 92")]
    [InlineData(nameof(ClassIds.Keyboard), "6d ad 12 f9 17 2b ea 48 bd 65 f9 27 a6 1c 76 84")]
    [InlineData(nameof(ClassIds.Mouse), "9e b6 a8 cf 4a 5b c0 4c b9 8b 8b a1 a1 f3 f9 5a")]
    [InlineData(nameof(ClassIds.Video), "02 78 0a da 77 e3 ac 4a 8e 77 05 58 eb 10 73 f8")]
    [InlineData(nameof(ClassIds.Pci), "1d f6 c4 44 44 44 00 44 9d 52 80 2e 27 ed e1 9f")]
    [InlineData(nameof(ClassIds.NetworkDirect), "3d af 2e 8c a7 32 09 4b ab 99 bd 1f 1c 86 b5 01")]
    [InlineData(nameof(ClassIds.Activation1), "16 57 e6 f8 b3 3c 06 4a 9a 60 18 89 c5 cc ca b5")]
    [InlineData(nameof(ClassIds.Activation2), "f4 ba 75 33 15 9e 30 4b b7 65 67 ac b1 0d 60 7b")]
    [InlineData(nameof(ClassIds.RemoteDesktop), "f4 ac 6a 27 15 ac 6c 42 98 dd 75 21 ad 3f 01 fe")]
    [InlineData(nameof(ClassIds.InitialConfiguration), "c3 c1 76 c3 76 d2 d2 48 90 a9 c0 47 48 07 2c 60")]
    public void Class_ids(string name, string bytes)
    {
        var id = (Guid)typeof(ClassIds).GetProperty(name)!.GetValue(null)!;
        Assert.Equal(Hex.Parse(bytes), Hex.Of(id));
        Assert.NotNull(ClassIds.NameOf(id));
    }

    [Fact]
    public void Message_ids()
    {
        var ids = new Dictionary<MessageType, uint>
        {
            [MessageType.OfferChannel] = 1, [MessageType.RescindChannelOffer] = 2, [MessageType.RequestOffers] = 3, [MessageType.AllOffersDelivered] = 4,
            [MessageType.OpenChannel] = 5, [MessageType.OpenChannelResult] = 6, [MessageType.CloseChannel] = 7, [MessageType.GpadlHeader] = 8,
            [MessageType.GpadlBody] = 9, [MessageType.GpadlCreated] = 10, [MessageType.GpadlTeardown] = 11, [MessageType.GpadlTorndown] = 12,
            [MessageType.RelIdReleased] = 13, [MessageType.InitiateContact] = 14, [MessageType.VersionResponse] = 15, [MessageType.Unload] = 16,
            [MessageType.UnloadResponse] = 17, [MessageType.OpenReserved] = 18, [MessageType.CloseReserved] = 19, [MessageType.CloseReservedResponse] = 20,
            [MessageType.TlConnectRequest] = 21, [MessageType.ModifyChannel] = 22, [MessageType.TlConnectResult] = 23, [MessageType.ModifyChannelResponse] = 24,
            [MessageType.ModifyConnection] = 25, [MessageType.ModifyConnectionResponse] = 26, [MessageType.Pause] = 27, [MessageType.PauseResponse] = 28,
            [MessageType.Resume] = 29,
        };
        Assert.All(ids, pair => Assert.Equal(pair.Value, (uint)pair.Key));
        Assert.Equal(29, ids.Count);
    }

    [Fact]
    public void Hypervisor_registers()
    {
        Assert.Equal(0x40000092u, Msr.SintOf(Sint.VmBus));
        Assert.Equal((0x400000B2u, 0x400000B3u), (Msr.TimerConfig(1), Msr.TimerCount(1)));
        Assert.Equal(0x10000UL, SintRegister.Reset.Value);
        Assert.Equal(0x20031UL, SintRegister.Reset.Unmasked(0x31, autoEoi: true).Value);
        Assert.Equal(0xFF00_0000_0000_0031UL, new SintRegister(0xFF00_0000_0001_0000).Unmasked(0x31, autoEoi: false).Value);
        Assert.Equal(0x10031UL, new SintRegister(0x20031).Masked().Value);
        Assert.Equal(0x1318UL, TimerConfig.Direct(0x31, periodic: false).Value);
        Assert.Equal(0x4000AUL, TimerConfig.Message(Sint.Timer, periodic: true).Value);
        Assert.Equal(0x8100_0000_0601_0005UL, GuestOsId.OpenSource(1, 0, 0x0601, 5).Value);
        Assert.Equal(0x2_0000_0003UL, new CallResult(0x2_ABCD_0003).Value & 0xFFF_0000_FFFF);
        Assert.Equal((CallStatus.InvalidInput, 2), (new CallResult(0x2_ABCD_0003).Status, new CallResult(0x2_ABCD_0003).RepsCompleted));
    }

    [Fact]
    public void Monitor_bits()
    {
        var id = new MonitorId(70);
        Assert.Equal((2, 1u << 6, 24), (id.Group, id.Bit, MonitorPage.PendingOf(id)));
        Assert.True(new MonitorId(127).IsValid);
        Assert.False(new MonitorId(128).IsValid);
    }

    [Fact]
    public void A_range_of_guest_pages_counts_its_pages()
    {
        Assert.Equal(1, new GpaRange { ByteCount = 1, ByteOffset = 4095 }.PageCount);
        Assert.Equal(2, new GpaRange { ByteCount = 2, ByteOffset = 4095 }.PageCount);
        Assert.Equal(1 << 20, new GpaRange { ByteCount = uint.MaxValue, ByteOffset = 0 }.PageCount);
        Assert.Equal(8, Unsafe.SizeOf<GpaRange>());
    }
}
