using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GuestOS.Drivers.Synthetic.Network.Protocol;
using GuestOS.Drivers.VmBus.Protocol;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Network;

/// <summary>Wire structs of NVSP and RNDIS against the protocol's tables and literals.</summary>
public sealed class NetworkProtocolTests
{
    private static void At<T>(string field, int offset) => Assert.Equal(offset, (int)Marshal.OffsetOf<T>(field));

    [Fact]
    public void Sizes_of_nvsp()
    {
        Assert.Equal(12, Unsafe.SizeOf<NvspInit>());
        Assert.Equal(16, Unsafe.SizeOf<NvspInitComplete>());
        Assert.Equal(20, Unsafe.SizeOf<NvspNdisConfig>());
        Assert.Equal(12, Unsafe.SizeOf<NvspNdisVersion>());
        Assert.Equal(12, Unsafe.SizeOf<NvspBuffer>());
        Assert.Equal(8, Unsafe.SizeOf<NvspRevoke>());
        Assert.Equal(28, Unsafe.SizeOf<NvspReceiveBufferComplete>());
        Assert.Equal(12, Unsafe.SizeOf<NvspSendBufferComplete>());
        Assert.Equal(16, Unsafe.SizeOf<NvspRndisPacket>());
        Assert.Equal(8, Unsafe.SizeOf<NvspRndisPacketComplete>());
        Assert.Equal(12, Unsafe.SizeOf<NvspVirtualFunction>());
        Assert.Equal(12, Unsafe.SizeOf<NvspSubchannelRequest>());
        Assert.Equal(12, Unsafe.SizeOf<NvspSubchannelComplete>());
        Assert.Equal(12, Unsafe.SizeOf<NvspSendTable>());
    }

    [Fact]
    public void Sizes_of_rndis()
    {
        Assert.Equal(8, Unsafe.SizeOf<RndisHeader>());
        Assert.Equal(12, Unsafe.SizeOf<RndisRequest>());
        Assert.Equal(16, Unsafe.SizeOf<RndisComplete>());
        Assert.Equal(24, Unsafe.SizeOf<RndisInitialize>());
        Assert.Equal(52, Unsafe.SizeOf<RndisInitializeComplete>());
        Assert.Equal(28, Unsafe.SizeOf<RndisQuery>());
        Assert.Equal(24, Unsafe.SizeOf<RndisQueryComplete>());
        Assert.Equal(20, Unsafe.SizeOf<RndisIndicateStatus>());
        Assert.Equal(44, Unsafe.SizeOf<RndisPacket>());
        Assert.Equal(12, Unsafe.SizeOf<PacketInfoHeader>());
        Assert.Equal(112, Unsafe.SizeOf<OffloadCapabilities>());
        Assert.Equal(28, Unsafe.SizeOf<OffloadParameters>());
        Assert.Equal(18, Unsafe.SizeOf<RssCapabilities>());
        Assert.Equal(40, Unsafe.SizeOf<RssParameters>());
    }

    [Fact]
    public void Offsets_of_nvsp()
    {
        At<NvspNdisConfig>(nameof(NvspNdisConfig.Mtu), 4);
        At<NvspNdisConfig>(nameof(NvspNdisConfig.Capabilities), 12);
        At<NvspInitComplete>(nameof(NvspInitComplete.Status), 12);
        At<NvspReceiveBufferComplete>(nameof(NvspReceiveBufferComplete.SectionCount), 8);
        At<NvspReceiveBufferComplete>(nameof(NvspReceiveBufferComplete.SubAllocationSize), 16);
        At<NvspReceiveBufferComplete>(nameof(NvspReceiveBufferComplete.Count), 20);
        At<NvspReceiveBufferComplete>(nameof(NvspReceiveBufferComplete.EndOffset), 24);
        At<NvspRndisPacket>(nameof(NvspRndisPacket.SectionIndex), 8);
        At<NvspRndisPacket>(nameof(NvspRndisPacket.SectionSize), 12);
        At<NvspBuffer>(nameof(NvspBuffer.Id), 8);
        At<NvspSendTable>(nameof(NvspSendTable.Offset), 8);
    }

    [Fact]
    public void Offsets_of_rndis()
    {
        At<RndisPacket>(nameof(RndisPacket.DataOffset), 8);
        At<RndisPacket>(nameof(RndisPacket.DataLength), 12);
        At<RndisPacket>(nameof(RndisPacket.InfoOffset), 28);
        At<RndisPacket>(nameof(RndisPacket.InfoLength), 32);
        At<RndisQuery>(nameof(RndisQuery.Oid), 12);
        At<RndisQuery>(nameof(RndisQuery.InfoOffset), 20);
        At<RndisQueryComplete>(nameof(RndisQueryComplete.InfoLength), 16);
        At<RndisIndicateStatus>(nameof(RndisIndicateStatus.BufferOffset), 16);
        At<RndisInitializeComplete>(nameof(RndisInitializeComplete.MostPackets), 32);
        At<RndisInitializeComplete>(nameof(RndisInitializeComplete.AlignmentFactor), 40);
        At<OffloadCapabilities>(nameof(OffloadCapabilities.SendV4), 4);
        At<OffloadCapabilities>(nameof(OffloadCapabilities.SendV6), 20);
        At<OffloadCapabilities>(nameof(OffloadCapabilities.LargeSendV4), 80);
        At<OffloadCapabilities>(nameof(OffloadCapabilities.LargeSendV6), 92);
        At<OffloadParameters>(nameof(OffloadParameters.IpV4Checksum), 4);
        At<OffloadParameters>(nameof(OffloadParameters.UdpV6Checksum), 8);
        At<OffloadParameters>(nameof(OffloadParameters.LargeSendIpV4), 11);
        At<OffloadParameters>(nameof(OffloadParameters.Flags), 16);
        At<OffloadParameters>(nameof(OffloadParameters.CoalescingIpV4), 22);
        At<RssCapabilities>(nameof(RssCapabilities.QueueCount), 12);
        At<RssCapabilities>(nameof(RssCapabilities.TableEntries), 16);
        At<RssParameters>(nameof(RssParameters.TableSize), 12);
        At<RssParameters>(nameof(RssParameters.TableOffset), 16);
        At<RssParameters>(nameof(RssParameters.KeyLength), 20);
        At<RssParameters>(nameof(RssParameters.KeyOffset), 24);
    }

    [Fact]
    public void Versions()
    {
        Assert.Equal(
            [0x60001u, 0x60000u, 0x50000u, 0x40000u, 0x30002u, 2u], NvspVersion.NewestFirst.ToArray().Select(version => version.Value));
        Assert.Equal([30u, 30u, 30u, 1u, 1u, 1u], NvspVersion.NewestFirst.ToArray().Select(version => version.NdisMinor));
        Assert.Equal("6.1 6 5 4 2 1", string.Join(' ', NvspVersion.NewestFirst.ToArray()));
    }

    [Fact]
    public void Initialize_is_the_protocols_example()
    {
        var message = new RndisInitialize
        {
            Header = new RndisHeader { Type = RndisMessageType.Initialize, Length = RndisInitialize.Size },
            RequestId = 1,
            Major = 1,
            MaxTransfer = RndisInitialize.UsualMaxTransfer,
        };
        Assert.Equal(Hex.Parse("02 00 00 00 18 00 00 00 01 00 00 00 01 00 00 00 00 00 00 00 00 40 00 00"), Hex.Of(message));
        var envelope = new NvspRndisPacket
        {
            Type = NvspMessageType.RndisPacket, Channel = NvspChannelType.Control, SectionIndex = NvspConstants.NoSection,
        };
        Assert.Equal(Hex.Parse("6b 00 00 00 01 00 00 00 ff ff ff ff 00 00 00 00"), Hex.Of(envelope));
    }

    [Fact]
    public void Initialize_complete_is_the_protocols_example()
    {
        var message = MemoryMarshal.Read<RndisInitializeComplete>(Hex.Parse("""
            02 00 00 80 34 00 00 00 01 00 00 00 00 00 00 00
            01 00 00 00 00 00 00 00 01 00 00 00 00 00 00 00
            08 00 00 00 ff ff ff ef 03 00 00 00 00 00 00 00
            00 00 00 00
            """));
        Assert.Equal(RndisMessageType.InitializeComplete, message.Header.Type);
        Assert.Equal(52u, message.Header.Length);
        Assert.Equal((1u, RndisStatus.Success, 1u, 0u), (message.RequestId, message.Status, message.DeviceFlags, message.Medium));
        Assert.Equal((8u, 0xEFFF_FFFFu, 3u), (message.MostPackets, message.MaxTransfer, message.AlignmentFactor));
    }

    [Fact]
    public void A_vlan_tag_has_its_fields_in_another_order()
    {
        Assert.Equal(0x07B5u, VlanInfo.Of(0xA07B).Value);
        Assert.Equal(0x07BDu, VlanInfo.Of(0xB07B).Value);
        for (var tag = 0; tag <= 0xFFFF; tag += 7)
            Assert.Equal(tag, VlanInfo.Of((ushort)tag).Tag);
    }

    [Fact]
    public void A_large_send_names_its_segments()
    {
        Assert.Equal(0x4360_05B4u, new LargeSendInfo(1460, 54, isIpV6: false).Value);
        Assert.Equal(0xC4A0_05A0u, new LargeSendInfo(1440, 74, isIpV6: true).Value);
    }

    [Fact]
    public void Numbers_of_the_protocol()
    {
        Assert.Equal(0xCAFE, NvspConstants.ReceiveBufferId);
        Assert.Equal((101u, 104u, 107u, 108u, 133u, 134u), (
            (uint)NvspMessageType.ReceiveBuffer, (uint)NvspMessageType.SendBuffer, (uint)NvspMessageType.RndisPacket,
            (uint)NvspMessageType.RndisPacketComplete, (uint)NvspMessageType.Subchannel, (uint)NvspMessageType.SendIndirectionTable));
        Assert.Equal(8ul, (ulong)NdisCapabilities.Ieee8021Q);
        Assert.Equal(new GpadlId(7), new NvspBuffer { Gpadl = new GpadlId(7) }.Gpadl);
    }
}
