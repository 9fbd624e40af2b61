using System.Buffers.Binary;
using GuestOS.Drivers.Synthetic.Storage.Protocol;
using GuestOS.Machine;
using GuestOS.Sandbox.Ide;
using GuestOS.Sandbox.Storage;
using GuestOS.Sandbox.Storage.Scsi;
using GuestOS.Sandbox.Tests.VmBus;
using Xunit;

namespace GuestOS.Sandbox.Tests.Storage;

/// <summary>The storage host by the protocol's own bytes, in its order and out of it.</summary>
public sealed class StorageHostTests : BusTest
{
    private const uint InvalidState = 0xC000_0184;
    private readonly BlockImage _image = new(8 << 20);
    private HandChannel _channel = null!;
    private StorageProvider _provider = null!;

    private void Open(StorageProviderOptions? options = null)
    {
        Start();
        _image.Fill(new Random(1), 8 << 20);
        var bus = new ScsiBus();
        bus.Add(new ScsiAddress(0, 0, 0), new ScsiDisk(_image) { Identity = new ScsiIdentity() });
        _provider = StorageProvider.Scsi(new Guid("9f3a1c52-0d5e-4d4b-9a63-0c1b5b7a0001"), bus, options);
        Host.Offer(_provider);
        _channel = OpenChannel(ConnectAndList(0x50003)[0]);
    }

    /// <summary>Sends a packet in-band; the payload of its completion, or null when none comes.</summary>
    private byte[]? Ask(byte[] payload, ulong id = 1, ushort flags = 1, ushort type = 6, byte[]? descriptor = null)
    {
        _channel.Out.PutPacket(type, flags, id, descriptor, payload);
        Signal(_channel);
        if (_channel.In.Take() is not { } packet)
            return null;
        Assert.Equal((11, id), (BinaryPrimitives.ReadUInt16LittleEndian(packet), BinaryPrimitives.ReadUInt64LittleEndian(packet.AsSpan(8))));
        return packet[16..^8];
    }

    private uint Status(uint operation, params uint[] rest)
    {
        var answer = Ask(Packet(operation, rest))!;
        Assert.Equal(1u, HandGuest.Word(answer, 0));
        return HandGuest.Word(answer, 8);
    }

    private static byte[] Packet(uint operation, params uint[] rest)
    {
        var packet = HandGuest.Words([operation, 1, 0, .. rest]);
        Array.Resize(ref packet, 64);
        return packet;
    }

    private void SetUp(uint version = 0x0602)
    {
        Assert.Equal(0u, Status(7));
        Assert.Equal(0u, Status(9, version));
        Assert.Equal(0u, Status(10));
        Assert.Equal(0u, Status(8));
    }

    private static byte[] Descriptor(DmaBuffer buffer, uint length)
    {
        var descriptor = new byte[24];
        descriptor[4] = 1;
        BinaryPrimitives.WriteUInt32LittleEndian(descriptor.AsSpan(8), length);
        BinaryPrimitives.WriteUInt64LittleEndian(descriptor.AsSpan(16), buffer.PhysicalAddress.Value / 4096);
        return descriptor;
    }

    [Fact]
    public void The_protocols_example_reads_what_it_says()
    {
        Open();
        SetUp();
        var data = Guest.Allocate(1);
        var answer = Ask(
            Hex.Parse("""
                03 00 00 00 01 00 00 00 00 00 00 00 34 00 00 00
                00 00 00 00 0a 14 01 00 00 10 00 00 28 00 00 00
                10 00 00 00 08 00 00 00 00 00 00 00 00 00 00 00
                00 00 ff 20 4a 01 00 00 3c 00 00 00 00 00 00 00
                """),
            id: 0x2A,
            type: 9,
            descriptor: Descriptor(data, 4096))!;
        Assert.Equal(64, answer.Length);
        Assert.Equal((1u, 0u, (byte)1, (byte)0, 4096u), (HandGuest.Word(answer, 0), HandGuest.Word(answer, 8), answer[14], answer[15], HandGuest.Word(answer, 24)));
        var expected = new byte[4096];
        _image.Read(0x1000 * 512, expected);
        Assert.Equal(expected, data.GetSpan().ToArray());
        Assert.Empty(Host.GuestErrors);
    }

    [Fact]
    public void Versions_are_refused_until_one_is_spoken()
    {
        Open(new StorageProviderOptions { Versions = [StorageVersion.V6_0, StorageVersion.V5_1], MaxSubchannels = 3 });
        Assert.Equal(0u, Status(7));
        var refused = Ask(Packet(9, 0x0602))!;
        Assert.Equal((0xC000_0059u, 0x0602u), (HandGuest.Word(refused, 8), HandGuest.Word(refused, 12)));
        Assert.Equal(0u, Status(9, 0x0600));
        Assert.Equal(InvalidState, Status(9, 0x0501));
        var properties = Ask(Packet(10))!;
        Assert.Equal((3u, 1u, 0x4_0000u), (HandGuest.Word(properties, 16), HandGuest.Word(properties, 20), HandGuest.Word(properties, 24)));
        Assert.Equal(StorageVersion.V6_0, _provider.Version);
    }

    [Fact]
    public void Steps_out_of_order_are_refused_and_change_nothing()
    {
        Open(new StorageProviderOptions { MaxSubchannels = 2 });
        foreach (uint operation in (uint[])[8, 9, 10, 13, 3, 4, 5, 6])
            Assert.Equal(InvalidState, Status(operation));
        Assert.Equal(0u, Status(7));
        foreach (uint operation in (uint[])[7, 8, 10, 13, 3])
            Assert.Equal(InvalidState, Status(operation));
        Assert.Equal(0u, Status(9, 0x0602));
        Assert.Equal(0u, Status(10));
        Assert.Equal(0xC000_000Du, Status(13, 3));
        Assert.Equal(0u, Status(8));
        Assert.True(_provider.IsReady);
        foreach (uint operation in (uint[])[7, 8, 9, 10])
            Assert.Equal(InvalidState, Status(operation));
        Assert.True(_provider.IsReady);
        Assert.Equal(0u, Status(13, 2));
        Assert.Equal([1, 2], [.. Enumerable.Range(0, 2).Select(_ => (int)BinaryPrimitives.ReadUInt16LittleEndian(Guest.Take().AsSpan(180)))]);
        Assert.Empty(Host.GuestErrors);
    }

    [Fact]
    public void Before_5_1_packets_are_shorter_and_there_are_no_subchannels()
    {
        Open(new StorageProviderOptions { MaxSubchannels = 2 });
        Assert.Equal(0u, Status(7));
        Assert.Equal(0u, Status(9, 0x0200));
        var properties = Ask(Packet(10))!;
        Assert.Equal((0u, 0u), (HandGuest.Word(properties, 16), HandGuest.Word(properties, 20)));
        Assert.Equal(0u, Status(8));
        var ready = Packet(3)[..48];
        ready[12] = 0x24;
        ready[20] = 6;
        ready[22] = 2;
        var answer = Ask(ready)!;
        Assert.Equal((48, (byte)1, (byte)18), (answer.Length, answer[14], answer[21]));

        // 2.0 knows no unsolicited messages.
        _provider.SendEvent(StorageOperation.EnumerateBus);
        Settle();
        Assert.Null(_channel.In.Take());
    }

    [Fact]
    public void Logical_units_that_come_are_announced()
    {
        Open();
        SetUp();
        _provider.Add(new ScsiAddress(0, 0, 4), new ScsiOptical { Identity = new ScsiIdentity() });
        Settle();
        var packet = _channel.In.Take()!;
        Assert.Equal((6, 0UL, 11u, 88), (BinaryPrimitives.ReadUInt16LittleEndian(packet), BinaryPrimitives.ReadUInt64LittleEndian(packet.AsSpan(8)), HandGuest.Word(packet, 16), packet.Length));
    }

    [Theory]
    [InlineData("operation")]
    [InlineData("flag")]
    [InlineData("short")]
    [InlineData("length")]
    [InlineData("cdb")]
    public void A_guest_that_breaks_the_protocol_is_heard_no_more(string what)
    {
        Open();
        SetUp();
        var packet = Packet(3);
        packet[20] = 6;
        packet[22] = 2;
        switch (what)
        {
            case "operation":
                packet[0] = 99;
                break;
            case "short":
                packet = packet[..40];
                break;
            case "length":
                packet[24] = 1;
                break;
            case "cdb":
                packet[20] = 17;
                break;
        }

        Assert.Null(Ask(packet, flags: what == "flag" ? (ushort)0 : (ushort)1));
        Assert.Contains("the channel stops", Assert.Single(Host.GuestErrors), StringComparison.Ordinal);
        Assert.Null(Ask(Packet(8)));
    }

    [Fact]
    public void What_the_host_is_told_to_do_wrong_it_does()
    {
        Open();
        SetUp();
        var ready = Packet(3);
        ready[20] = 6;
        ready[22] = 2;
        _provider.Faults.Swallowed = 1;
        Assert.Null(Ask(ready));
        _provider.Faults.Unanswered = 1;
        Assert.Null(Ask(ready));
        _provider.Faults.SilentResets = 1;
        Assert.Null(Ask(Packet(4)));
        Assert.NotNull(Ask(Packet(4)));
        Assert.Equal([StorageOperation.ResetLun, StorageOperation.ResetLun], _provider.Resets);
        _provider.Faults.Doubled = 1;
        Assert.NotNull(Ask(ready, id: 9));
        Assert.Equal(9UL, BinaryPrimitives.ReadUInt64LittleEndian(_channel.In.Take()!.AsSpan(8)));
        _provider.Faults.EditAnswer = (_, answer) => answer[..8];
        Assert.Equal(8, Ask(ready)!.Length);
    }
}
