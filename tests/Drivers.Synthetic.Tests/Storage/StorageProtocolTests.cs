using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GuestOS.Drivers.Synthetic.Storage.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Messages;
using Xunit;

namespace GuestOS.Drivers.Synthetic.Tests.Storage;

/// <summary>Wire structs of storage against the protocol's tables and literals.</summary>
public sealed class StorageProtocolTests
{
    private static void At<T>(string field, int offset) => Assert.Equal(offset, (int)Marshal.OffsetOf<T>(field));

    [Fact]
    public void Sizes()
    {
        Assert.Equal(12, Unsafe.SizeOf<StorageHeader>());
        Assert.Equal(64, Unsafe.SizeOf<SrbPacket>());
        Assert.Equal(16, Unsafe.SizeOf<VersionPacket>());
        Assert.Equal(36, Unsafe.SizeOf<PropertiesPacket>());
        Assert.Equal(16, Unsafe.SizeOf<SubchannelPacket>());
        Assert.Equal(48, Unsafe.SizeOf<FibreChannelPacket>());
        Assert.Equal(24, Unsafe.SizeOf<IdeOffer>());
        Assert.Equal(20, Unsafe.SizeOf<CdbOrSense>());
    }

    [Fact]
    public void Offsets_of_the_srb()
    {
        At<SrbPacket>(nameof(SrbPacket.Length), 12);
        At<SrbPacket>(nameof(SrbPacket.SrbStatus), 14);
        At<SrbPacket>(nameof(SrbPacket.ScsiStatus), 15);
        At<SrbPacket>(nameof(SrbPacket.Port), 16);
        At<SrbPacket>(nameof(SrbPacket.Path), 17);
        At<SrbPacket>(nameof(SrbPacket.Target), 18);
        At<SrbPacket>(nameof(SrbPacket.Lun), 19);
        At<SrbPacket>(nameof(SrbPacket.CdbLength), 20);
        At<SrbPacket>(nameof(SrbPacket.SenseLength), 21);
        At<SrbPacket>(nameof(SrbPacket.Direction), 22);
        At<SrbPacket>(nameof(SrbPacket.TransferLength), 24);
        At<SrbPacket>(nameof(SrbPacket.CdbOrSense), 28);
        At<SrbPacket>(nameof(SrbPacket.Reserved1), 48);
        At<SrbPacket>(nameof(SrbPacket.QueueTag), 50);
        At<SrbPacket>(nameof(SrbPacket.QueueAction), 51);
        At<SrbPacket>(nameof(SrbPacket.SrbFlags), 52);
        At<SrbPacket>(nameof(SrbPacket.Timeout), 56);
        At<SrbPacket>(nameof(SrbPacket.QueueSortKey), 60);
    }

    [Fact]
    public void Offsets_of_the_set_up()
    {
        At<StorageHeader>(nameof(StorageHeader.Operation), 0);
        At<StorageHeader>(nameof(StorageHeader.Flags), 4);
        At<StorageHeader>(nameof(StorageHeader.Status), 8);
        At<VersionPacket>(nameof(VersionPacket.Version), 12);
        At<VersionPacket>(nameof(VersionPacket.Revision), 14);
        At<PropertiesPacket>(nameof(PropertiesPacket.MaxChannels), 16);
        At<PropertiesPacket>(nameof(PropertiesPacket.Flags), 20);
        At<PropertiesPacket>(nameof(PropertiesPacket.MaxTransferBytes), 24);
        At<PropertiesPacket>(nameof(PropertiesPacket.Reserved2), 28);
        At<SubchannelPacket>(nameof(SubchannelPacket.Count), 12);
        At<FibreChannelPacket>(nameof(FibreChannelPacket.PrimaryPortName), 16);
        At<FibreChannelPacket>(nameof(FibreChannelPacket.SecondaryNodeName), 40);
    }

    [Fact]
    public void Versions()
    {
        Assert.Equal([0x0602, 0x0600, 0x0501, 0x0402, 0x0200], StorageVersion.NewestFirst.ToArray().Select(version => (int)version.Value));
        Assert.Equal([64, 64, 64, 48, 48], StorageVersion.NewestFirst.ToArray().Select(version => version.PacketSize));
        Assert.Equal([0x34, 0x34, 0x34, 0x24, 0x24], StorageVersion.NewestFirst.ToArray().Select(version => (int)version.SrbLength));
        Assert.Equal([20, 20, 20, 18, 18], StorageVersion.NewestFirst.ToArray().Select(version => (int)version.SenseLength));
        Assert.Equal("6.2", StorageVersion.V6_2.ToString());
    }

    [Fact]
    public void A_read_of_ten_bytes_is_the_protocols_example()
    {
        var packet = new SrbPacket
        {
            Header = new StorageHeader { Operation = StorageOperation.ExecuteSrb, Flags = StorageFlags.RequestCompletion },
            Length = StorageVersion.V6_2.SrbLength,
            CdbLength = 10,
            SenseLength = 20,
            Direction = DataDirection.Read,
            TransferLength = 4096,
            QueueTag = 0xFF,
            QueueAction = 0x20,
            SrbFlags = SrbFlags.DisableSynchronousTransfer | SrbFlags.DataIn | SrbFlags.QueueActionEnable | SrbFlags.NoQueueFreeze,
            Timeout = 60,
        };
        Hex.Parse("28 00 00 00 10 00 00 00 08 00").CopyTo(packet.CdbOrSense);
        Assert.Equal(
            Hex.Parse("""
                03 00 00 00 01 00 00 00 00 00 00 00 34 00 00 00
                00 00 00 00 0a 14 01 00 00 10 00 00 28 00 00 00
                10 00 00 00 08 00 00 00 00 00 00 00 00 00 00 00
                00 00 ff 20 4a 01 00 00 3c 00 00 00 00 00 00 00
                """),
            MemoryMarshal.AsBytes(new ReadOnlySpan<SrbPacket>(in packet)).ToArray());
    }

    [Fact]
    public void An_accelerator_is_named_by_its_instance()
    {
        Assert.Equal(new Guid("00000000-0001-8899-0000-000000000000"), IdeOffer.InstanceOf(0, 1));
        for (var i = 0; i < 4; i++)
        {
            Assert.True(IdeOffer.TryRead(IdeOffer.InstanceOf(i / 2, i % 2), out var channel, out var device));
            Assert.Equal((i / 2, i % 2), (channel, device));
        }

        foreach (var wrong in (string[])["00000002-0001-8899-0000-000000000000", "00000000-0002-8899-0000-000000000000", "00000000-0001-8898-0000-000000000000", "00000000-0001-8899-0000-000000000001", "ffffffff-ffff-ffff-ffff-ffffffffffff"])
            Assert.False(IdeOffer.TryRead(new Guid(wrong), out _, out _));
    }

    [Fact]
    public void The_offer_of_an_accelerator_is_the_protocols_example()
    {
        var offer = new IdeOffer { Target = 1, Flags = IdeOffer.IsIde };
        var message = new OfferChannel();
        MemoryMarshal.AsBytes(new ReadOnlySpan<IdeOffer>(in offer)).CopyTo(message.UserDefined);
        var bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<OfferChannel>(in message)).ToArray();
        Assert.Equal(Hex.Parse("00 00 00 01 00 00 00 00 02 00 00 00 00 00 00 00"), bytes[60..76]);
    }
}
