using System.Runtime.InteropServices;
using GuestOS.Drivers.Synthetic.Network;
using GuestOS.Drivers.Synthetic.Network.Protocol;

namespace GuestOS.Fuzz.Targets;

/// <summary>Everything that netvsc reads of a host's bytes, NVSP and RNDIS, and what it reads of a program's frames.</summary>
public sealed class NetworkParserTarget : FuzzTarget
{
    private const int Buffer = 4096;

    /// <inheritdoc/>
    public override string Name => "network-parsers";

    /// <inheritdoc/>
    public override void Run(ReadOnlySpan<byte> input)
    {
        NvspAnswers.TryReadInit(input, out _);
        NvspAnswers.IsSent(input);
        if (NvspAnswers.ReadReceiveBuffer(input, Buffer, out var size, out var count) is null)
            Require((long)size * count is >= 68 and <= Buffer, "sub-allocations beyond the buffer");
        if (NvspAnswers.ReadSendBuffer(input, Buffer, out var section) is null)
            Require(section is 0 or (>= 68 and <= Buffer), "a section beyond the buffer");
        if (NvspAnswers.TryReadSubchannels(input, 3, out var granted))
            Require(granted is >= 0 and <= 3, "more subchannels than were asked for");
        Span<byte> table = stackalloc byte[NvspConstants.SendTableEntries];
        foreach (var version in NvspVersion.NewestFirst)
        {
            if (NvspAnswers.TryReadSendTable(input, version, 4, table))
                Require(table.IndexOfAnyExceptInRange((byte)0, (byte)3) < 0, "a channel that there is not");
        }

        if (RndisAnswers.TryReadHeader(input, out var header))
            Require(header.Length >= RndisHeader.Size && header.Length <= (uint)input.Length, "a message longer than its range");
        RndisAnswers.TryReadComplete(input, out _);
        RndisAnswers.TryReadStatus(input, out _, out _);
        RndisAnswers.TryReadValue(input, out _);
        PacketInfo.TryRead(input, out _);
        FrameHeaders.FlowOf(input);
        if (FrameHeaders.TryRead(input, out var headers) && (headers.HasTcp(input) || headers.HasUdp(input)))
            headers.Prepare(input.ToArray(), isLargeSend: headers.HasTcp(input));
        if (input.Length < RndisPacket.Size || !PacketLayout.TryRead(MemoryMarshal.Read<RndisPacket>(input), input.Length, out var layout))
            return;
        Require(layout.DataLength >= 14 && layout.DataOffset >= RndisPacket.Size && layout.DataOffset + layout.DataLength <= input.Length, "a frame beyond its message");
        Require(layout.InfoLength >= 0 && layout.InfoOffset + layout.InfoLength <= input.Length, "packet information beyond its message");
    }

    /// <inheritdoc/>
    protected override IEnumerable<byte[]> OwnSeeds() =>
    [
        [],
        ReadHex("02 00 00 00 ff ff ff ff 22 00 00 00 01 00 00 00"),
        ReadHex("66 00 00 00 01 00 00 00 01 00 00 00 00 00 00 00 0e 07 00 00 02 00 00 00 1c 0e 00 00"),
        ReadHex("69 00 00 00 01 00 00 00 00 08 00 00"),
        ReadHex("85 00 00 00 01 00 00 00 03 00 00 00"),
        ReadHex("86 00 00 00 10 00 00 00 0c 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01 00 00 00 02 00 00 00 03 00 00 00 00 00 00 00 01 00 00 00 02 00 00 00 03 00 00 00 00 00 00 00 01 00 00 00 02 00 00 00 03 00 00 00 00 00 00 00 01 00 00 00 02 00 00 00 03 00 00 00"),
        ReadHex("04 00 00 80 1e 00 00 00 02 00 00 00 00 00 00 00 06 00 00 00 10 00 00 00 00 15 5d 00 00 01"),
        ReadHex("07 00 00 00 14 00 00 00 13 00 01 40 04 00 00 00 0c 00 00 00 00 e1 f5 05"),
        ReadHex("01 00 00 00 4c 00 00 00 34 00 00 00 10 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 24 00 00 00 10 00 00 00 00 00 00 00 00 00 00 00 10 00 00 00 06 00 00 00 0c 00 00 00 b5 07 00 00 00 15 5d 00 00 01 02 00 00 00 00 09 88 b5 aa bb"),
        ReadHex("10 00 00 00 00 00 00 00 0c 00 00 00 28 00 00 00 10 00 00 00 08 00 00 00 0c 00 00 00 78 56 34 12"),
        ReadHex("02 00 00 00 00 99 00 15 5d 00 00 01 08 00 45 00 00 28 00 00 40 00 40 06 00 00 0a 00 00 01 0a 00 00 02 10 e1 00 50 00 00 00 01 00 00 00 02 50 18 ff ff 00 00 00 00"),
        ReadHex("02 00 00 00 00 99 00 15 5d 00 00 01 86 dd 60 00 00 00 00 08 11 40 fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 01 fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 02 10 e1 00 35 00 08 00 00"),
    ];
}
