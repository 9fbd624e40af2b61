using System.Runtime.InteropServices;
using GuestOS.Drivers.Synthetic.Network.Protocol;
using GuestOS.Drivers.VmBus.Channels;
using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Drivers.VmBus.Rings;
using GuestOS.Machine.Network;
using static GuestOS.Drivers.Synthetic.Network.NetvscTally;

namespace GuestOS.Drivers.Synthetic.Network;

/// <summary>
/// One channel of an adapter. Received messages lie in memory that the host can change at any time: headers are copied out once and then
/// judged, the frame is copied once into a frame of the guest's. Every packet is completed, at once or when the ring has room
/// (a host that gets no completion runs out of memory for what it has received).
/// </summary>
internal sealed class NetvscQueue : ChannelHandler
{
    /// <summary>Completions that wait for room; with so many the channel is not read until there is.</summary>
    private const int MostDeferred = 1024;

    /// <summary>Longest control message.</summary>
    private const int LongestControl = 1024;

    private readonly NetvscSession _session;
    private readonly NetvscAdapter _adapter;
    private readonly byte[] _scratch = new byte[LongestControl];
    private readonly (ulong Id, NvspStatus Status)[] _deferred = new (ulong, NvspStatus)[MostDeferred];
    private int _firstDeferred;
    private int _deferredCount;
    private FrameQueue _batch;

    public NetvscQueue(NetvscSession session, VmBusChannel channel, int number)
    {
        _session = session;
        _adapter = session.Adapter;
        Channel = channel;
        Number = number;
    }

    public VmBusChannel Channel { get; }

    /// <summary>The channel's number: 0 is the primary's.</summary>
    public int Number { get; }

    public override void OnPacket(VmBusChannel channel, in RingPacket packet)
    {
        switch (packet.Type)
        {
            case PacketType.TransferPages:
                OnTransfer(packet);
                break;
            case PacketType.InBand when Number == 0:
                OnHostMessage(packet.Payload);
                break;
            default:
                _adapter.Tally.Add(Counter.BadPackets);
                break;
        }
    }

    public override void OnBatchEnd(VmBusChannel channel)
    {
        if (_batch.Count != 0)
            _adapter.Deliver(ref _batch);
        _adapter.Admit();
    }

    public override void OnRoom(VmBusChannel channel)
    {
        while (_deferredCount > 0)
        {
            var (id, status) = _deferred[_firstDeferred];
            if (!TryComplete(id, status))
                return;
            _firstDeferred = (_firstDeferred + 1) % MostDeferred;
            _deferredCount--;
        }

        channel.ResumeReceiving();
        if (Number == 0)
            _session.Control.Retry();
        _adapter.Admit();
    }

    public override void OnEnd(VmBusChannel channel, ChannelEnd reason)
    {
        _batch.ReleaseAll();
        _deferredCount = 0;
        _session.OnEnd(this, reason);
    }

    private void OnTransfer(in RingPacket packet)
    {
        var ranges = packet.TransferRanges;
        if (!_session.HasReceiveBuffer
            || packet.TransferSetId != NvspConstants.ReceiveBufferId
            || !NvspAnswers.TryReadType(packet.Payload, out var type)
            || type != NvspMessageType.RndisPacket
            || ranges.Length is 0 or > NvspConstants.MostRanges)
        {
            _adapter.Tally.Add(Counter.BadPackets);
            return;
        }

        var buffer = _session.ReceiveMemory;
        var status = NvspStatus.Success;
        foreach (var range in ranges)
        {
            if (range.ByteCount < RndisHeader.Size
                || range.ByteCount > (uint)_session.SubAllocationSize
                || (ulong)range.ByteOffset + range.ByteCount > (uint)buffer.Length)
            {
                _adapter.Tally.Add(Counter.BadRanges);
                status = NvspStatus.Failure;
            }
            else if (!TakeMessage(buffer.Slice((int)range.ByteOffset, (int)range.ByteCount)))
            {
                status = NvspStatus.Failure;
            }
        }

        if (packet.WantsCompletion)
            Complete(packet.TransactionId, status);
    }

    /// <summary>One RNDIS message in shared memory. False when it is malformed.</summary>
    private bool TakeMessage(ReadOnlySpan<byte> shared)
    {
        var head = MemoryMarshal.Read<RndisHeader>(shared);
        if (head.Length < RndisHeader.Size || (head.Length > (uint)shared.Length && head.Type != RndisMessageType.IndicateStatus))
            return Bad(Counter.BadMessages);
        if (head.Type != RndisMessageType.Packet)
            return TakeControl(shared);
        if (shared.Length < RndisPacket.Size)
            return Bad(Counter.BadMessages);
        var packet = MemoryMarshal.Read<RndisPacket>(shared);
        return PacketLayout.TryRead(packet, shared.Length, out var layout) ? TakeFrame(shared, layout) : Bad(Counter.BadMessages);
    }

    private bool TakeFrame(ReadOnlySpan<byte> shared, in PacketLayout layout)
    {
        FrameOffload offload = default;
        if (layout.InfoLength != 0)
        {
            if (layout.InfoLength > PacketInfo.Most)
                return Bad(Counter.BadInfo);
            var info = _scratch.AsSpan(0, layout.InfoLength);
            shared.Slice(layout.InfoOffset, layout.InfoLength).CopyTo(info);
            if (!PacketInfo.TryRead(info, out offload))
                return Bad(Counter.BadInfo);
        }

        if (!_adapter.IsReceiving)
        {
            _adapter.Tally.Add(Counter.NotWanted);
            return true;
        }

        if (layout.DataLength > _adapter.LongestReceived)
            return Bad(Counter.TooLong);
        if (!_adapter.TryRentReceived(out var frame))
        {
            _adapter.Tally.Add(Counter.NoFrame);
            return true;
        }

        frame.Length = layout.DataLength;
        shared.Slice(layout.DataOffset, layout.DataLength).CopyTo(frame.Data);
        frame.Offload = offload;
        _batch.Enqueue(frame);
        _adapter.Tally.Add(Counter.ReceivedFrames);
        _adapter.Tally.Add(Counter.ReceivedBytes, layout.DataLength);
        return true;
    }

    private bool TakeControl(ReadOnlySpan<byte> shared)
    {
        if (Number != 0 || shared.Length > LongestControl)
            shared = Number != 0 ? default : shared[..LongestControl];
        var copy = _scratch.AsSpan(0, shared.Length);
        shared.CopyTo(copy);
        if (copy.Length < RndisHeader.Size)
            return Bad(Counter.BadMessages);
        var header = MemoryMarshal.Read<RndisHeader>(copy);
        if (header.Type == RndisMessageType.IndicateStatus)
        {
            if (!RndisAnswers.TryReadStatus(copy, out var status, out var data))
                return Bad(Counter.BadMessages);
            _adapter.OnStatus(status, data);
            return true;
        }

        if (!RndisAnswers.TryReadHeader(copy, out header) || header.Length < RndisRequest.Size)
            return Bad(Counter.BadMessages);
        var message = copy[..(int)header.Length];
        switch (header.Type)
        {
            case RndisMessageType.KeepAlive:
                _adapter.Tally.Add(Counter.KeepAlives);
                _session.Control.OnKeepAlive(MemoryMarshal.Read<RndisRequest>(message).RequestId);
                return true;
            case RndisMessageType.InitializeComplete or RndisMessageType.QueryComplete or RndisMessageType.SetComplete or RndisMessageType.KeepAliveComplete:
                if (!_session.Control.OnAnswer(header.Type, message))
                    _adapter.Tally.Add(Counter.StrayControl);
                return true;
            default:
                return Bad(Counter.BadMessages);
        }
    }

    private void OnHostMessage(ReadOnlySpan<byte> message)
    {
        NvspAnswers.TryReadType(message, out var type);
        switch (type)
        {
            case NvspMessageType.SendIndirectionTable when _session.Version >= NvspVersion.V5 && _session.TrySetSendTable(message):
                break;
            case NvspMessageType.VirtualFunctionAssociation when _session.Version >= NvspVersion.V4 && message.Length >= NvspVirtualFunction.Size:
                // The host's completion request stays without an answer, as hosts are used to from Linux.
                _session.VirtualFunction = MemoryMarshal.Read<NvspVirtualFunction>(message);
                _adapter.Tally.Add(Counter.VirtualFunctions);
                break;
            default:
                _adapter.Tally.Add(Counter.HostMessages);
                break;
        }
    }

    private void Complete(ulong id, NvspStatus status)
    {
        if (_deferredCount == 0 && TryComplete(id, status))
            return;
        _adapter.Tally.Add(Counter.DeferredCompletions);
        _deferred[(_firstDeferred + _deferredCount) % MostDeferred] = (id, status);
        if (++_deferredCount == MostDeferred)
            Channel.PauseReceiving();
    }

    /// <summary>False when the ring is full. One that cannot be sent at all is as good as sent: the channel has ended.</summary>
    private bool TryComplete(ulong id, NvspStatus status)
    {
        var message = new NvspRndisPacketComplete { Type = NvspMessageType.RndisPacketComplete, Status = status };
        return Channel.TryComplete(id, MemoryMarshal.AsBytes(new ReadOnlySpan<NvspRndisPacketComplete>(in message))) is not (SendResult.RingFull or SendResult.NoSlot);
    }

    private bool Bad(Counter counter)
    {
        _adapter.Tally.Add(counter);
        return false;
    }
}
