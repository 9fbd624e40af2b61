using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Drivers.VmBus.Rings;
using GuestOS.Testing.VmBus;
using Xunit;

namespace GuestOS.Drivers.VmBus.Tests.Rings;

/// <summary>The worked bytes of 11.4, both directions.</summary>
public sealed class RingLiteralTests
{
    private static readonly byte[] Request = Hex.Parse("""
        06 00 02 00 04 00 01 00 11 00 00 00 00 00 00 00
        04 00 00 00 00 00 00 00 ef be ad de 00 00 00 00
        00 00 00 00 40 00 00 00
        """);

    private static readonly byte[] Answer = Hex.Parse("""
        0b 00 02 00 03 00 00 00 11 00 00 00 00 00 00 00
        6c 00 00 00 01 00 00 00 00 00 00 00 68 00 00 00
        """);

    [Fact]
    public void The_guest_writes_them()
    {
        using var rings = new RingPair();
        // 0x40 bytes before: 16 + 40 + 8.
        Assert.Equal(RingWriteResult.Written, rings.Writer.TryWriteInBand(new byte[40], default, 0, PacketFlags.None, out _));
        Assert.Equal(0x40u, rings.Outbound.In);
        Assert.Equal(
            RingWriteResult.Written,
            rings.Writer.TryWriteInBand(Hex.Parse("04 00 00 00 00 00 00 00"), Hex.Parse("ef be ad de"), 0x11, PacketFlags.CompletionRequested, out _));
        Assert.Equal(0x68u, rings.Outbound.In);
        Assert.Equal(Request, rings.OutboundData.Slice(0x40, 40).ToArray());
        Assert.Equal(RingWriteResult.Written, rings.Writer.TryWriteCompletion(0x11, Hex.Parse("6c 00 00 00 01 00 00 00"), out _));
        Assert.Equal(Answer, rings.OutboundData.Slice(0x68, 32).ToArray());
    }

    [Fact]
    public void The_guest_reads_them()
    {
        using var rings = new RingPair();
        Span<byte> buffer = new byte[4096];
        rings.HostWriter.WriteRaw(Request);
        rings.HostWriter.Publish((uint)Request.Length);
        Assert.Equal(RingReadResult.Packet, rings.Reader.TryRead(buffer, out var packet));
        Assert.Equal((PacketType.InBand, 0x11UL, true), (packet.Type, packet.TransactionId, packet.WantsCompletion));
        Assert.Equal(Hex.Parse("04 00 00 00 00 00 00 00 ef be ad de 00 00 00 00"), packet.Payload.ToArray());
        rings.HostWriter.WriteRaw(Answer);
        rings.HostWriter.Publish((uint)(Request.Length + Answer.Length));
        Assert.Equal(RingReadResult.Packet, rings.Reader.TryRead(buffer, out packet));
        Assert.Equal((PacketType.Completion, 0x11UL, false), (packet.Type, packet.TransactionId, packet.WantsCompletion));
        Assert.Equal(Hex.Parse("6c 00 00 00 01 00 00 00"), packet.Payload.ToArray());
        Assert.Equal(RingReadResult.Empty, rings.Reader.TryRead(buffer, out _));
    }

    [Fact]
    public void Page_buffers_and_one_range_of_many_pages()
    {
        using var rings = new RingPair();
        Assert.Equal(
            RingWriteResult.Written,
            rings.Writer.TryWritePages([new PageBuffer(0x1A2B0, 0x10, 0x20), new PageBuffer(0xFFF3, 0, 0x1000)], [1, 2, 3, 4, 5, 6, 7, 8], default, 5, PacketFlags.CompletionRequested, out _));
        Assert.Equal(
            Hex.Parse("""
                09 00 07 00 08 00 01 00 05 00 00 00 00 00 00 00
                00 00 00 00 02 00 00 00
                20 00 00 00 10 00 00 00 b0 a2 01 00 00 00 00 00
                00 10 00 00 00 00 00 00 f3 ff 00 00 00 00 00 00
                01 02 03 04 05 06 07 08 00 00 00 00 00 00 00 00
                """),
            rings.OutboundData[..72].ToArray());
        Assert.Equal(
            RingWriteResult.Written,
            rings.Writer.TryWriteRange(new GpaRange { ByteCount = 0x1001, ByteOffset = 0xFFF }, [7, 8], [9], default, 6, PacketFlags.CompletionRequested, out _));
        Assert.Equal(
            Hex.Parse("""
                09 00 06 00 07 00 01 00 06 00 00 00 00 00 00 00
                00 00 00 00 01 00 00 00
                01 10 00 00 ff 0f 00 00 07 00 00 00 00 00 00 00 08 00 00 00 00 00 00 00
                09 00 00 00 00 00 00 00 00 00 00 00 48 00 00 00
                """),
            rings.OutboundData[72..][..64].ToArray());
        Assert.NotNull(rings.HostReader.TryRead(out _));
        Assert.NotNull(rings.HostReader.TryRead(out _));
        Assert.Null(rings.HostReader.Violation);
        Assert.Throws<ArgumentException>(() => rings.Writer.TryWriteRange(new GpaRange { ByteCount = 4097 }, [7], [9], default, 6, PacketFlags.None, out _));
        Assert.Throws<ArgumentException>(() => rings.Writer.TryWritePages(default, [9], default, 6, PacketFlags.None, out _));
        Assert.Throws<ArgumentException>(() => rings.Writer.TryWriteInBand([9], default, 0, PacketFlags.CompletionRequested, out _));
    }

    [Fact]
    public void Transfer_pages_in_both_directions()
    {
        using var rings = new RingPair();
        TransferPageRange[] ranges = [new() { ByteCount = 60, ByteOffset = 0 }, new() { ByteCount = 1514, ByteOffset = 0x800 }];
        Assert.Equal(RingWriteResult.Written, rings.Writer.TryWriteTransferPages(0xCAFE, ranges, [1, 2, 3, 4, 5, 6, 7, 8], 9, PacketFlags.CompletionRequested, out _));
        var expected = Hex.Parse("""
            07 00 05 00 06 00 01 00 09 00 00 00 00 00 00 00
            fe ca 00 00 02 00 00 00
            3c 00 00 00 00 00 00 00 ea 05 00 00 00 08 00 00
            01 02 03 04 05 06 07 08 00 00 00 00 00 00 00 00
            """);
        Assert.Equal(expected, rings.OutboundData[..56].ToArray());
        rings.HostWriter.WriteRaw(expected);
        rings.HostWriter.Publish(56);
        Assert.Equal(RingReadResult.Packet, rings.Reader.TryRead(new byte[4096], out var packet));
        Assert.Equal(0xCAFE, packet.TransferSetId);
        Assert.Equal(ranges, packet.TransferRanges.ToArray());
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], packet.Payload.ToArray());
    }
}
