using GuestOS.Sandbox.VmBus;

namespace GuestOS.Sandbox.Network;

/// <content>RNDIS from the guest.</content>
public sealed partial class NetworkProvider
{
    /// <summary>Control messages whose answers the guest has not given back.</summary>
    private const int MostControlInFlight = 64;

    private int _controlInFlight;

    private void TakeRndis(HostQueue queue, ChannelPacket packet, List<SwitchFrame> frames)
    {
        var session = queue.Session;
        var message = packet.Payload.AsSpan();
        var (channel, index, size) = (Wire.Word(message, 4), Wire.Word(message, 8), Wire.Word(message, 12));
        var inSection = index == NoSection ? 0 : size;
        var data = new byte[inSection + packet.Data.Length];
        if (index != NoSection)
        {
            if (_sendBuffer is not { } buffer || size > Options.SectionSize || ((ulong)index + 1) * Options.SectionSize > (ulong)buffer.Length)
            {
                session.Fail($"RNDIS_PACKET in section {index} with {size} bytes");
                return;
            }

            buffer.TryRead(index * (long)Options.SectionSize, data.AsSpan(0, (int)size));
        }

        if (data.Length < 8 || !packet.Data.TryRead(0, data.AsSpan((int)inSection)))
        {
            session.Fail($"RNDIS_PACKET of {data.Length} bytes");
            return;
        }

        if (Stage < NetworkStage.Initialize || (Stage == NetworkStage.Initialize && Wire.Word(data, 0) != 2) || _receiveBuffer is null)
        {
            session.Fail($"RNDIS message {Wire.Word(data, 0):x} in stage {Stage}");
            return;
        }

        // The header with its packet info must not be split.
        var whole = index != NoSection ? (int)size : packet.Buffers[0].Length;
        var count = 0;
        for (var at = 0; at < data.Length;)
        {
            var rest = data.AsSpan(at);
            if (rest.Length < 8 || Wire.Word(rest, 4) is var length && (length < 8 || length > rest.Length))
            {
                session.Fail($"an RNDIS message that does not fit into {rest.Length} bytes");
                return;
            }

            var one = data.AsSpan(at, (int)length);
            var type = Wire.Word(one, 0);
            if (++count > Options.MostMessages || (count > 1 && type != 1) || (type == 1) != (channel == 0))
            {
                session.Fail($"RNDIS message {type:x} as number {count} on channel type {channel}");
                return;
            }

            if (type == 1 ? !TakeFrame(queue, data, at, one.Length, whole - at, (int)inSection, frames) : !TakeControl(queue, type, one))
                return;
            at += one.Length;
        }

        Complete(session, packet, Wire.Words(108, 1));
    }

    private bool TakeFrame(HostQueue queue, byte[] all, int at, int length, int whole, int inSection, List<SwitchFrame> frames)
    {
        var message = all.AsSpan(at, length);
        if (length < 44)
            return Stop(queue, $"a PACKET of {length} bytes");
        ulong dataOffset = Wire.Word(message, 8), dataLength = Wire.Word(message, 12);
        ulong infoOffset = Wire.Word(message, 28), infoLength = Wire.Word(message, 32);
        if (dataOffset < 36 || dataOffset + 8 + dataLength > (ulong)length || dataLength < 14)
            return Stop(queue, $"a PACKET of {length} bytes with data at {dataOffset} of {dataLength}");
        if (infoLength != 0 && (infoOffset < 36 || infoOffset + 8 + infoLength > (ulong)length))
            return Stop(queue, $"a PACKET of {length} bytes with packet info at {infoOffset} of {infoLength}");
        if (whole < 44 || (infoLength != 0 && infoOffset + 8 + infoLength > (ulong)whole))
            return Stop(queue, "a PACKET whose header is split");
        if (!TryReadInfo(message.Slice(infoLength == 0 ? 0 : (int)infoOffset + 8, (int)infoLength), out var checksums, out var large, out var vlan))
            return Stop(queue, "a PACKET with bad packet info");
        var data = message.Slice((int)dataOffset + 8, (int)dataLength).ToArray();
        Taken++;
        if (Records)
            GuestFrames.Add(new GuestFrame([.. data], queue.Index, inSection, checksums, large, vlan));
        if (large is null && data.Length > Options.Mtu + 14)
        {
            queue.Session.Report($"a frame of {data.Length} bytes");
            return true;
        }

        if (!_isLinkUp)
            return true;
        ushort? tag = vlan is { } info ? (ushort)(((info & 7) << 13) | ((info & 8) << 9) | ((info >> 4) & 0xFFF)) : null;
        foreach (var one in Offloaded(queue, data, checksums, large))
            frames.Add(new SwitchFrame(one) { Vlan = tag, IsVerified = checksums is not null || large is not null });
        return true;
    }

    private List<byte[]> Offloaded(HostQueue queue, byte[] data, uint? checksums, uint? large)
    {
        if (large is { } send)
        {
            if (FrameOffloads.Segment(data, (int)((send >> 20) & 0x3FF), (int)(send & 0xF_FFFF)) is { } segments && data.Length <= Options.LargeSend + 14)
                return segments;
            queue.Session.Report($"a large send of {data.Length} bytes that cannot be cut: {send:x}");
            return [];
        }

        if (checksums is { } bits)
        {
            if ((bits & 0x10) != 0 && !FrameOffloads.FillIpHeader(data))
                queue.Session.Report("the checksum of an IPv4 header that is not there");
            if ((bits & 0xC) != 0 && !FrameOffloads.FillTransport(data, (int)((bits >> 16) & 0x3FF)))
                queue.Session.Report($"a checksum of {bits:x} in a frame of {data.Length} bytes");
        }

        return [data];
    }

    private static bool TryReadInfo(ReadOnlySpan<byte> info, out uint? checksums, out uint? large, out uint? vlan)
    {
        checksums = large = vlan = null;
        while (!info.IsEmpty)
        {
            if (info.Length < 12)
                return false;
            var (size, type, offset) = (Wire.Word(info, 0), Wire.Word(info, 4), Wire.Word(info, 8));
            if (size < 12 || size % 4 != 0 || size > info.Length || offset < 12 || offset > size)
                return false;
            var data = info[(int)offset..(int)size];
            if (type is 0 or 2 or 6)
            {
                if (data.Length < 4)
                    return false;
                var value = Wire.Word(data, 0);
                (checksums, large, vlan) = type switch
                {
                    0 => (value, large, vlan),
                    2 => (checksums, value, vlan),
                    _ => (checksums, large, (uint?)value),
                };
            }

            info = info[(int)size..];
        }

        return true;
    }

    private bool TakeControl(HostQueue queue, uint type, ReadOnlySpan<byte> message)
    {
        if (queue.Index != 0)
            return Stop(queue, $"RNDIS message {type:x} on a subchannel");
        var least = type switch { 2 => 24, 4 or 5 => 28, 0x8000_0008 => 16, _ => 12 };
        if (message.Length < least)
            return Stop(queue, $"RNDIS message {type:x} of {message.Length} bytes");
        if (_controlInFlight >= MostControlInFlight)
            return Stop(queue, "too many control messages in flight");
        var id = Wire.Word(message, 8);
        switch (type)
        {
            case 2 when Stage == NetworkStage.Initialize:
                Stage = NetworkStage.Running;
                SendControl(Wire.Words(0x8000_0002, 52, id, 0, 1, 0, 1, 0, Options.MostMessages, 0xEFFF_FFFF, Options.AlignmentFactor, 0, 0));
                return true;
            case 3:
                Stage = NetworkStage.Halted;
                return true;
            case 4:
                var (status, value) = Query(Wire.Word(message, 12));
                SendControl([.. Wire.Words(0x8000_0004, 24 + (uint)value.Length, id, status, (uint)value.Length, value.Length == 0 ? 0u : 16u), .. value]);
                return true;
            case 5:
                ulong length = Wire.Word(message, 16), offset = Wire.Word(message, 20);
                if (length != 0 && (offset < 20 || offset + 8 + length > (ulong)message.Length))
                    return Stop(queue, $"a SET of {message.Length} bytes with information at {offset} of {length}");
                SendControl(Wire.Words(0x8000_0005, 16, id, Set(Wire.Word(message, 12), length == 0 ? [] : message.Slice((int)offset + 8, (int)length))));
                return true;
            case 6:
                SendControl(Wire.Words(0x8000_0006, 16, 0, 0));
                return true;
            case 8:
                SendControl(Wire.Words(0x8000_0008, 16, id, 0));
                return true;
            case 0x8000_0008:
                KeepAliveAnswers++;
                return true;
            default:
                return Stop(queue, $"RNDIS message {type:x} in stage {Stage}");
        }
    }

    private static bool Stop(HostQueue queue, string why)
    {
        queue.Session.Fail(why);
        return false;
    }
}
