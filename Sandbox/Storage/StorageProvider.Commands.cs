using System.Runtime.InteropServices;
using GuestOS.Drivers.Synthetic.Storage.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Sandbox.Storage.Scsi;
using GuestOS.Sandbox.VmBus;

namespace GuestOS.Sandbox.Storage;

/// <content>Commands and answers.</content>
public sealed partial class StorageProvider
{
    private readonly Dictionary<int, long> _commandsByChannel = [];

    private void Execute(ChannelSession session, ChannelPacket packet)
    {
        var size = _version.PacketSize;
        if (packet.Payload.Length < size)
        {
            session.Fail($"a command of {packet.Payload.Length} bytes, {size} at version {_version}");
            return;
        }

        var bytes = new byte[StorageHeader.PacketSize];
        packet.Payload.AsSpan(0, size).CopyTo(bytes);
        var srb = MemoryMarshal.Read<SrbPacket>(bytes);
        if (srb.TransferLength > (uint)packet.Data.Length || packet.Buffers.Count > 1)
        {
            session.Fail($"{srb.TransferLength} bytes of data in {packet.Buffers.Count} ranges of {packet.Data.Length} bytes");
            return;
        }

        if (srb.TransferLength > _options.MaxTransferBytes)
            session.Report($"a transfer of {srb.TransferLength} bytes, {_options.MaxTransferBytes} are allowed");
        if (srb.CdbLength > CdbOrSense.CdbLength)
        {
            session.Fail($"a CDB of {srb.CdbLength} bytes");
            return;
        }

        int index = session.Channel.Offer.SubchannelIndex;
        _commandsByChannel[index] = _commandsByChannel.GetValueOrDefault(index) + 1;
        if (Faults.TakeSwallowed())
            return;
        if (_options.Latency?.Invoke() is not { } latency)
            ExecuteNow(session, packet, srb);
        else
            session.PostAfter(latency, () => ExecuteLate(session, packet, srb));
    }

    private void ExecuteLate(ChannelSession session, ChannelPacket packet, in SrbPacket srb)
    {
        lock (_gate)
            ExecuteNow(session, packet, srb);
    }

    private void ExecuteNow(ChannelSession session, ChannelPacket packet, in SrbPacket srb)
    {
        var data = srb.Direction == DataDirection.None ? (IScsiData)ArrayData.None : new GuestData(packet.Data, (int)srb.TransferLength, srb.Direction);
        var command = new ScsiCommand(((ReadOnlySpan<byte>)srb.CdbOrSense)[..Math.Min((int)srb.CdbLength, CdbOrSense.CdbLength)], data);
        var address = new ScsiAddress(srb.Path, srb.Target, srb.Lun);
        if (Faults.Before?.Invoke(address, command) != true)
            ExecuteOn(address, command);
        if (Faults.TakeUnanswered())
            return;
        var answer = MakeAnswer(srb, command, packet.Payload.Length);
        if (_options.AnswerLatency?.Invoke() is { } latency)
            session.PostAfter(latency, () => Send(session, packet.TransactionId, StorageOperation.ExecuteSrb, answer, StatusOf(command.SrbStatus)));
        else
            Send(session, packet.TransactionId, StorageOperation.ExecuteSrb, answer, StatusOf(command.SrbStatus));
    }

    /// <summary>An accelerator ignores the path, but for REPORT LUNS, and has one target with one logical unit.</summary>
    private void ExecuteOn(ScsiAddress address, ScsiCommand command)
    {
        if (_ideDevice is not null && command.Opcode != ScsiOpcode.ReportLuns)
        {
            if (address.Target != _ideDevice || address.Lun != 0)
            {
                command.End(address.Target != _ideDevice ? SrbStatus.InvalidTarget : SrbStatus.InvalidLun, null);
                return;
            }

            address = address with { Path = 0 };
        }

        try
        {
            Bus.Execute(address, command);
        }
        catch (IOException e)
        {
            // The image's own file failed.
            command.Fail(new SenseData(SenseKey.HardwareError, 0x44, 0));
            _primary?.Report($"image: {e.Message}");
        }
    }

    private byte[] MakeAnswer(in SrbPacket request, ScsiCommand command, int length)
    {
        var srb = request with
        {
            SrbStatus = command.SrbStatus,
            ScsiStatus = command.Status,
            TransferLength = (uint)command.Transferred,
            SenseLength = _version.SenseLength,
            CdbOrSense = default,
        };
        if (command.Sense is { } sense)
        {
            srb.SrbStatus |= SrbStatus.SenseValid;
            Span<byte> room = srb.CdbOrSense;
            sense.Write(room);
        }

        var full = MemoryMarshal.AsBytes(new ReadOnlySpan<SrbPacket>(in srb));
        var answer = new byte[Math.Max(length, _version.PacketSize)];
        full[.._version.PacketSize].CopyTo(answer);
        return answer;
    }

    private void Answer(ChannelSession session, ChannelPacket packet, StorageOperation operation, NtStatus status)
    {
        var answer = new byte[packet.Payload.Length];
        packet.Payload.CopyTo(answer, 0);
        Send(session, packet.TransactionId, operation, answer, status);
    }

    private void Send(ChannelSession session, ulong transactionId, StorageOperation operation, byte[] answer, NtStatus status)
    {
        MemoryMarshal.Write(answer, new StorageHeader { Operation = StorageOperation.CompleteIo, Status = status });
        byte[]? edited = Faults.EditAnswer is { } edit ? edit(operation, answer) : answer;
        if (edited is null)
            return;
        if (Faults.TakeStray())
            session.Complete(transactionId ^ 0x5A5A_0000_5A5A, edited);
        session.Complete(transactionId, edited);
        if (Faults.TakeDoubled())
            session.Complete(transactionId, edited);
    }

    private static NtStatus StatusOf(SrbStatus status) => (status & SrbStatus.CodeMask) switch
    {
        SrbStatus.Success => NtStatus.Success,
        SrbStatus.Busy => NtStatus.Busy,
        SrbStatus.NoDevice or SrbStatus.NoHba or SrbStatus.InvalidLun or SrbStatus.InvalidTarget => NtStatus.DoesNotExist,
        SrbStatus.Timeout or SrbStatus.CommandTimeout => NtStatus.IoTimeout,
        SrbStatus.SelectionTimeout => NtStatus.NotConnected,
        SrbStatus.BadFunction or SrbStatus.BadSrbLength => NtStatus.InvalidRequest,
        SrbStatus.DataOverrun => NtStatus.BufferOverflow,
        SrbStatus.Flushed => NtStatus.Unsuccessful,
        SrbStatus.Aborted => NtStatus.Cancelled,
        _ => NtStatus.IoDeviceError,
    };

    /// <summary>The guest's memory, in the one direction that it said.</summary>
    private sealed class GuestData(GuestBuffer buffer, int length, DataDirection direction) : IScsiData
    {
        public int Length => length;

        public bool TryRead(int offset, Span<byte> destination) =>
            direction == DataDirection.Write && offset <= length && destination.Length <= length - offset && buffer.TryRead(offset, destination);

        public bool TryWrite(int offset, ReadOnlySpan<byte> source) =>
            direction == DataDirection.Read && offset <= length && source.Length <= length - offset && buffer.TryWrite(offset, source);
    }
}
