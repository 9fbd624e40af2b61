using System.Buffers.Binary;
using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Sandbox.VmBus.Rings;

namespace GuestOS.Sandbox.VmBus;

/// <content>What a hostile host does in its rings.</content>
public sealed partial class ChannelSession
{
    private Step WriteSpoilt(PacketFaultKind fault, OutgoingPacket packet, byte[] bytes, out uint before)
    {
        before = _writer.Index;
        switch (fault)
        {
            case PacketFaultKind.Never:
                return Step.Write;
            case PacketFaultKind.Twice:
                _writer.TryPublish(bytes, out before);
                _writer.TryPublish(
                    HostRingWriter.Encode(packet.Type, packet.Flags, packet.TransactionId, packet.Descriptor, packet.Payload, _writer.Index), out _);
                return Step.Signal;
            case PacketFaultKind.WriteIndexUnaligned:
                return PublishOnly(bytes, before + 4);
            case PacketFaultKind.WriteIndexBeyond:
                return PublishOnly(bytes, _inbound.Size + 8);
            case PacketFaultKind.WriteIndexHuge:
                return PublishOnly(bytes, 0xFFFF_FFF8);
            case PacketFaultKind.ReadIndexUnaligned:
                _outbound.Out = 4;
                break;
            case PacketFaultKind.ReadIndexBeyond:
                _outbound.Out = _outbound.Size;
                break;
            case PacketFaultKind.PendingHuge:
                _inbound.Pending = 0xFFFF_FFFF;
                break;
            case PacketFaultKind.MaskNoise:
                _reader.SetMask(0xA5A5_A5A5);
                break;
            default:
                Spoil(fault, packet, ref bytes);
                break;
        }

        var start = before;
        if (!_writer.TryPublish(bytes, out _))
            return Step.Write;
        AfterPublish(fault, start, bytes.Length);
        return Step.Signal;
    }

    private void Spoil(PacketFaultKind fault, OutgoingPacket packet, ref byte[] bytes)
    {
        var payload = 16 + packet.Descriptor.Length;
        switch (fault)
        {
            case PacketFaultKind.LengthZero: Put(bytes, 4, 0); break;
            case PacketFaultKind.LengthBeyond: Put(bytes, 4, 0xFFFF); break;
            case PacketFaultKind.OffsetBelow: Put(bytes, 2, 1); break;
            case PacketFaultKind.OffsetBeyond: Put(bytes, 2, (ushort)((bytes.Length / 8) + 5)); break;
            case PacketFaultKind.UnknownType: Put(bytes, 0, 0x77); break;
            case PacketFaultKind.UnknownTransaction: BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), packet.TransactionId ^ 0x8000_0000_0000_0123); break;
            case PacketFaultKind.Noise: _host.Faults.SprinkleNoise(bytes.AsSpan(payload, bytes.Length - payload - 8)); break;
            case PacketFaultKind.Saturated: bytes.AsSpan(payload, bytes.Length - payload - 8).Fill(0xFF); break;
            case PacketFaultKind.NoPayload:
                bytes = HostRingWriter.Encode(packet.Type, packet.Flags, packet.TransactionId, packet.Descriptor, [], _writer.Index);
                break;
            case PacketFaultKind.CountSaturated:
                var descriptor = new byte[16];
                BinaryPrimitives.WriteUInt32LittleEndian(descriptor.AsSpan(4), 0xFFFF_FFFF);
                bytes = HostRingWriter.Encode(PacketType.TransferPages, packet.Flags, packet.TransactionId, descriptor, packet.Payload, _writer.Index);
                break;
            default: break;
        }
    }

    /// <summary>Things of later steps: the guest may have read the packet before, between, or after them.</summary>
    private void AfterPublish(PacketFaultKind fault, uint start, int length)
    {
        var end = _writer.Index;
        switch (fault)
        {
            case PacketFaultKind.WriteIndexMoves:
                Post(() => _inbound.In = start);
                Post(() => _inbound.In = (end + 4096) % _inbound.Size);
                Post(() => _inbound.In = end);
                break;
            case PacketFaultKind.HeaderChanges:
                Post(() => _inbound.Write(start, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]));
                break;
            case PacketFaultKind.PayloadChanges:
                var noise = new byte[length - 16];
                Array.Fill(noise, (byte)0xFF);
                Post(() => _inbound.Write((start + 16) % _inbound.Size, noise));
                break;
            case PacketFaultKind.Storm:
                for (var i = 0; i < 16; i++)
                    Post(Interrupt);
                break;
            default:
                break;
        }
    }

    private Step PublishOnly(byte[] bytes, uint index)
    {
        _writer.WriteRaw(bytes);
        _inbound.In = index;
        Interrupt();
        return Step.Write;
    }

    private static void Put(byte[] bytes, int offset, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(offset), value);
}
