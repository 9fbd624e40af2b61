using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Drivers.VmBus.Protocol.Messages;
using GuestOS.Drivers.VmBus.Protocol.Rings;
using Xunit;

namespace GuestOS.Drivers.VmBus.Tests.Protocol;

/// <summary>Sizes and offsets of every wire struct against the protocol's tables.</summary>
public sealed class LayoutTests
{
    [Fact]
    public void Sizes()
    {
        Assert.Equal(8, Unsafe.SizeOf<MessageHeader>());
        Assert.Equal(196, Unsafe.SizeOf<OfferChannel>());
        Assert.Equal(12, Unsafe.SizeOf<RelIdMessage>());
        Assert.Equal(148, Unsafe.SizeOf<OpenChannel>());
        Assert.Equal(156, Unsafe.SizeOf<OpenChannelWithSignal>());
        Assert.Equal(20, Unsafe.SizeOf<OpenChannelResult>());
        Assert.Equal(28, Unsafe.SizeOf<GpadlHeader>());
        Assert.Equal(26, GpadlHeader.MostFrames);
        Assert.Equal(16, Unsafe.SizeOf<GpadlBody>());
        Assert.Equal(28, GpadlBody.MostFrames);
        Assert.Equal(20, Unsafe.SizeOf<GpadlCreated>());
        Assert.Equal(16, Unsafe.SizeOf<GpadlTeardown>());
        Assert.Equal(12, Unsafe.SizeOf<GpadlTorndown>());
        Assert.Equal(40, Unsafe.SizeOf<InitiateContact>());
        Assert.Equal(56, Unsafe.SizeOf<InitiateContactWithClient>());
        Assert.Equal(16, Unsafe.SizeOf<VersionResponse>());
        Assert.Equal(40, Unsafe.SizeOf<VersionResponseWithFeatures>());
        Assert.Equal(28, Unsafe.SizeOf<OpenReserved>());
        Assert.Equal(20, Unsafe.SizeOf<CloseReserved>());
        Assert.Equal(56, Unsafe.SizeOf<TlConnectRequest>());
        Assert.Equal(16, Unsafe.SizeOf<ModifyChannel>());
        Assert.Equal(44, Unsafe.SizeOf<TlConnectResult>());
        Assert.Equal(16, Unsafe.SizeOf<ModifyChannelResponse>());
        Assert.Equal(24, Unsafe.SizeOf<ModifyConnection>());
        Assert.Equal(9, Unsafe.SizeOf<ModifyConnectionResponse>());
        Assert.Equal(16, Unsafe.SizeOf<PacketHeader>());
        Assert.Equal(8, Unsafe.SizeOf<TransferPagesHeader>());
        Assert.Equal(8, Unsafe.SizeOf<TransferPageRange>());
        Assert.Equal(8, Unsafe.SizeOf<GpaDirectHeader>());
        Assert.Equal(8, Unsafe.SizeOf<GpaRange>());
        Assert.Equal(16, Unsafe.SizeOf<PostMessageInput>());
        Assert.Equal(256, Unsafe.SizeOf<SynIcMessage>());
        Assert.Equal(24, Unsafe.SizeOf<TimerMessage>());
    }

    [Fact]
    public void Offsets_of_the_contact()
    {
        At<InitiateContact>(nameof(InitiateContact.Version), 8);
        At<InitiateContact>(nameof(InitiateContact.TargetVp), 12);
        At<InitiateContact>(nameof(InitiateContact.Target), 16);
        At<InitiateContact>(nameof(InitiateContact.ParentToChildMonitor), 24);
        At<InitiateContact>(nameof(InitiateContact.ChildToParentMonitor), 32);
        At<InitiateContactWithClient>(nameof(InitiateContactWithClient.ClientId), 40);
        At<VersionResponse>(nameof(VersionResponse.Supported), 8);
        At<VersionResponse>(nameof(VersionResponse.State), 9);
        At<VersionResponse>(nameof(VersionResponse.MessageConnection), 12);
        At<VersionResponseWithFeatures>(nameof(VersionResponseWithFeatures.Features), 16);
        At<VersionResponseWithFeatures>(nameof(VersionResponseWithFeatures.ParentToChildMonitor), 24);
        At<VersionResponseWithFeatures>(nameof(VersionResponseWithFeatures.ChildToParentMonitor), 32);
        At<ModifyConnection>(nameof(ModifyConnection.ParentToChildMonitor), 8);
        At<ModifyConnection>(nameof(ModifyConnection.ChildToParentMonitor), 16);
        At<ModifyConnectionResponse>(nameof(ModifyConnectionResponse.State), 8);
    }

    [Fact]
    public void Offsets_of_the_offer()
    {
        At<OfferChannel>(nameof(OfferChannel.InterfaceType), 8);
        At<OfferChannel>(nameof(OfferChannel.Instance), 24);
        At<OfferChannel>(nameof(OfferChannel.Reserved0), 40);
        At<OfferChannel>(nameof(OfferChannel.Reserved1), 48);
        At<OfferChannel>(nameof(OfferChannel.Flags), 56);
        At<OfferChannel>(nameof(OfferChannel.MmioMegabytes), 58);
        At<OfferChannel>(nameof(OfferChannel.UserDefined), 60);
        At<OfferChannel>(nameof(OfferChannel.SubchannelIndex), 180);
        At<OfferChannel>(nameof(OfferChannel.Reserved2), 182);
        At<OfferChannel>(nameof(OfferChannel.RelId), 184);
        At<OfferChannel>(nameof(OfferChannel.MonitorId), 188);
        At<OfferChannel>(nameof(OfferChannel.MonitorAllocated), 189);
        At<OfferChannel>(nameof(OfferChannel.DedicatedInterrupt), 190);
        At<OfferChannel>(nameof(OfferChannel.Connection), 192);
        At<RelIdMessage>(nameof(RelIdMessage.RelId), 8);
    }

    [Fact]
    public void Offsets_of_GPADL_messages()
    {
        At<GpadlHeader>(nameof(GpadlHeader.RelId), 8);
        At<GpadlHeader>(nameof(GpadlHeader.Gpadl), 12);
        At<GpadlHeader>(nameof(GpadlHeader.RangeBufferLength), 16);
        At<GpadlHeader>(nameof(GpadlHeader.RangeCount), 18);
        At<GpadlHeader>(nameof(GpadlHeader.ByteCount), 20);
        At<GpadlHeader>(nameof(GpadlHeader.ByteOffset), 24);
        At<GpadlBody>(nameof(GpadlBody.MessageNumber), 8);
        At<GpadlBody>(nameof(GpadlBody.Gpadl), 12);
        At<GpadlCreated>(nameof(GpadlCreated.RelId), 8);
        At<GpadlCreated>(nameof(GpadlCreated.Gpadl), 12);
        At<GpadlCreated>(nameof(GpadlCreated.Status), 16);
        At<GpadlTeardown>(nameof(GpadlTeardown.RelId), 8);
        At<GpadlTeardown>(nameof(GpadlTeardown.Gpadl), 12);
        At<GpadlTorndown>(nameof(GpadlTorndown.Gpadl), 8);
    }

    [Fact]
    public void Offsets_of_channel_messages()
    {
        At<OpenChannel>(nameof(OpenChannel.RelId), 8);
        At<OpenChannel>(nameof(OpenChannel.OpenId), 12);
        At<OpenChannel>(nameof(OpenChannel.RingGpadl), 16);
        At<OpenChannel>(nameof(OpenChannel.TargetVp), 20);
        At<OpenChannel>(nameof(OpenChannel.DownstreamPage), 24);
        At<OpenChannel>(nameof(OpenChannel.UserData), 28);
        At<OpenChannelWithSignal>(nameof(OpenChannelWithSignal.Connection), 148);
        At<OpenChannelWithSignal>(nameof(OpenChannelWithSignal.EventFlag), 152);
        At<OpenChannelWithSignal>(nameof(OpenChannelWithSignal.Flags), 154);
        At<OpenChannelResult>(nameof(OpenChannelResult.RelId), 8);
        At<OpenChannelResult>(nameof(OpenChannelResult.OpenId), 12);
        At<OpenChannelResult>(nameof(OpenChannelResult.Status), 16);
        At<ModifyChannel>(nameof(ModifyChannel.RelId), 8);
        At<ModifyChannel>(nameof(ModifyChannel.TargetVp), 12);
        At<ModifyChannelResponse>(nameof(ModifyChannelResponse.RelId), 8);
        At<ModifyChannelResponse>(nameof(ModifyChannelResponse.Status), 12);
        At<OpenReserved>(nameof(OpenReserved.TargetVp), 12);
        At<OpenReserved>(nameof(OpenReserved.TargetSint), 16);
        At<OpenReserved>(nameof(OpenReserved.RingGpadl), 20);
        At<OpenReserved>(nameof(OpenReserved.DownstreamPage), 24);
        At<CloseReserved>(nameof(CloseReserved.TargetVp), 12);
        At<CloseReserved>(nameof(CloseReserved.TargetSint), 16);
        At<TlConnectRequest>(nameof(TlConnectRequest.Endpoint), 8);
        At<TlConnectRequest>(nameof(TlConnectRequest.Service), 24);
        At<TlConnectRequest>(nameof(TlConnectRequest.Silo), 40);
        At<TlConnectResult>(nameof(TlConnectResult.Endpoint), 8);
        At<TlConnectResult>(nameof(TlConnectResult.Service), 24);
        At<TlConnectResult>(nameof(TlConnectResult.Status), 40);
    }

    [Fact]
    public void Offsets_of_ring_packets_and_hypervisor_pages()
    {
        At<PacketHeader>(nameof(PacketHeader.DataOffset8), 2);
        At<PacketHeader>(nameof(PacketHeader.Length8), 4);
        At<PacketHeader>(nameof(PacketHeader.Flags), 6);
        At<PacketHeader>(nameof(PacketHeader.TransactionId), 8);
        At<TransferPagesHeader>(nameof(TransferPagesHeader.SenderOwnsSet), 2);
        At<TransferPagesHeader>(nameof(TransferPagesHeader.RangeCount), 4);
        At<TransferPageRange>(nameof(TransferPageRange.ByteOffset), 4);
        At<GpaDirectHeader>(nameof(GpaDirectHeader.RangeCount), 4);
        At<GpaRange>(nameof(GpaRange.ByteOffset), 4);
        At<PostMessageInput>(nameof(PostMessageInput.MessageType), 8);
        At<PostMessageInput>(nameof(PostMessageInput.PayloadSize), 12);
        At<SynIcMessage>(nameof(SynIcMessage.PayloadSize), 4);
        At<SynIcMessage>(nameof(SynIcMessage.Flags), 5);
        At<SynIcMessage>(nameof(SynIcMessage.Origin), 8);
        At<SynIcMessage>(nameof(SynIcMessage.Payload), 16);
        At<TimerMessage>(nameof(TimerMessage.Expiration), 8);
        At<TimerMessage>(nameof(TimerMessage.Delivery), 16);
        Assert.Equal((0, 4, 8, 12, 64, 4096), (RingControl.WriteIndex, RingControl.ReadIndex, RingControl.InterruptMask, RingControl.PendingSendSize, RingControl.FeatureBits, RingControl.PageSize));
        Assert.Equal((0, 8, 0x40, 0x240, 0x440), (MonitorPage.TriggerState, MonitorPage.TriggerGroups, MonitorPage.NextCheckTimes, MonitorPage.Latencies, MonitorPage.Parameters));
        Assert.Equal((0, 2048), (InterruptPage.HostToGuest, InterruptPage.GuestToHost));
        Assert.Equal((0, 8, 16), (ReferenceTscLayout.Sequence, ReferenceTscLayout.Scale, ReferenceTscLayout.Offset));
    }

    private static void At<T>(string field, int offset) => Assert.Equal(offset, (int)Marshal.OffsetOf<T>(field));
}
