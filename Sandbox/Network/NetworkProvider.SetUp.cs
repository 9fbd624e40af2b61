using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Sandbox.VmBus;

namespace GuestOS.Sandbox.Network;

/// <content>NVSP: version, configuration, buffers, subchannels. In the order of protocol 6.3, each message once.</content>
public sealed partial class NetworkProvider
{
    private readonly Stack<int> _free = new();
    private HostGpadl? _receiveBuffer;
    private HostGpadl? _sendBuffer;
    private int _subAllocations;
    private uint _granted;

    private void TakeSetUp(ChannelSession session, ChannelPacket packet, uint type, ReadOnlySpan<byte> message)
    {
        switch (type)
        {
            case 1 when Stage == NetworkStage.Version:
                TakeInit(session, packet, message);
                break;
            case 125 when Stage == NetworkStage.Config:
                Config = (Wire.Word(message, 4), Wire.Word(message, 12) | ((ulong)Wire.Word(message, 16) << 32));
                Stage = NetworkStage.ReceiveBuffer;
                if (packet.WantsCompletion)
                    session.Complete(packet.TransactionId, []);
                break;
            case 100 when Stage is > NetworkStage.Version and < NetworkStage.Running && Ndis == default:
                Ndis = (Wire.Word(message, 4), Wire.Word(message, 8));
                if (packet.WantsCompletion)
                    session.Complete(packet.TransactionId, []);
                break;
            case 101 when Stage == NetworkStage.ReceiveBuffer:
                TakeReceiveBuffer(session, packet, message);
                break;
            case 104 when Stage == NetworkStage.SendBuffer:
                TakeSendBuffer(session, packet, message);
                break;
            case 103 when Stage > NetworkStage.ReceiveBuffer:
                _receiveBuffer = null;
                _free.Clear();
                Stage = NetworkStage.Halted;
                break;
            case 106 when Stage > NetworkStage.SendBuffer:
                _sendBuffer = null;
                Stage = NetworkStage.Halted;
                break;
            case 133 when Stage == NetworkStage.Running && Version >= 0x5_0000 && _granted == 0:
                TakeSubchannels(session, packet, message);
                break;
            case 129 when Stage == NetworkStage.Running && Version >= 0x4_0000:
                if (packet.WantsCompletion)
                    session.Complete(packet.TransactionId, []);
                break;
            default:
                session.Fail($"NVSP message {type} in stage {Stage} of version {Version:x}");
                break;
        }
    }

    private void TakeInit(ChannelSession session, ChannelPacket packet, ReadOnlySpan<byte> message)
    {
        var (lowest, highest) = (Wire.Word(message, 4), Wire.Word(message, 8));
        VersionRequests.Add(highest);
        var isKnown = Options.Versions.Contains(highest) && lowest <= highest;
        var answer = new byte[28];
        Wire.Put(answer, 0, 2);
        Wire.Put(answer, 4, highest == 2 ? 2u : 0xFFFF_FFFF);
        Wire.Put(answer, 8, 34);
        Wire.Put(answer, 12, isKnown ? 1u : 0u);
        if (!packet.WantsCompletion)
            session.Fail("INIT that wants no answer");
        if (isKnown)
        {
            Version = highest;
            Stage = highest >= 0x3_0002 ? NetworkStage.Config : NetworkStage.ReceiveBuffer;
        }

        Complete(session, packet, answer);
    }

    private void TakeReceiveBuffer(ChannelSession session, ChannelPacket packet, ReadOnlySpan<byte> message)
    {
        var id = Wire.Word(message, 8) & 0xFFFF;
        if (session.FindGpadl(new GpadlId(Wire.Word(message, 4))) is not { } buffer || id != 0xCAFE)
        {
            session.Fail($"RECV_BUFFER with GPADL {Wire.Word(message, 4):x} and id {id:x}");
            return;
        }

        var mtu = Config.Mtu is >= 1514 and <= 9216 ? Config.Mtu : 1514;
        SubAllocationSize = (int)(256 + mtu + 36);
        _subAllocations = buffer.Length / SubAllocationSize;
        if (_subAllocations == 0)
        {
            session.Fail($"a receive buffer of {buffer.Length} bytes");
            return;
        }

        _receiveBuffer = buffer;
        for (var i = _subAllocations - 1; i >= 0; i--)
            _free.Push(i);
        Stage = NetworkStage.SendBuffer;
        Complete(session, packet, Answer(102, 1, 1, 0, (uint)SubAllocationSize, (uint)_subAllocations, (uint)(SubAllocationSize * _subAllocations)));
    }

    private void TakeSendBuffer(ChannelSession session, ChannelPacket packet, ReadOnlySpan<byte> message)
    {
        if (session.FindGpadl(new GpadlId(Wire.Word(message, 4))) is not { } buffer)
        {
            session.Fail($"SEND_BUFFER with GPADL {Wire.Word(message, 4):x}");
            return;
        }

        Stage = NetworkStage.Initialize;
        if (Options.TakesSendBuffer && buffer.Length >= Options.SectionSize)
            _sendBuffer = buffer;
        Complete(session, packet, Answer(105, _sendBuffer is null ? 2u : 1u, Options.SectionSize));
    }

    private void TakeSubchannels(ChannelSession session, ChannelPacket packet, ReadOnlySpan<byte> message)
    {
        var (operation, count) = (Wire.Word(message, 4), Wire.Word(message, 8));
        if (operation != 1 || count == 0)
        {
            session.Fail($"SUBCHANNEL with operation {operation} for {count}");
            return;
        }

        _granted = Math.Min(count, (uint)Options.MostSubchannels);
        Complete(session, packet, Answer(133, 1, _granted));
        session.OfferSubchannels((int)_granted);
    }

    /// <summary>28 bytes, from 6.1 on 40.</summary>
    private byte[] Answer(params ReadOnlySpan<uint> words)
    {
        var answer = new byte[Version >= 0x6_0001 ? 40 : 28];
        Wire.Words(words).CopyTo(answer, 0);
        return answer;
    }
}
